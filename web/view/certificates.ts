import { visible } from '../../shared/text.ts';
import type { Model } from '../model/protocol.ts';
import type { CertificateSummary, NamedCertificate } from '../model/types.ts';
import { announce } from './announcer.ts';
import { CertificateCard } from './certificate-card.ts';
import { clusterName } from './cluster-name.ts';
import { find, onChosenFiles, showText } from './dom.ts';
import { describeUnreadable } from './failures.ts';
import type { FingerprintMemory } from './fingerprint-memory.ts';
import { readFile, type Content } from './files.ts';

/** What the list of certificates needs. */
export interface CertificatesOptions {
  readonly model: Pick<Model, 'readCertificate'> & { end(): void };
  readonly memory: FingerprintMemory;
  /** Called when other certificates are selected. */
  readonly onChange: () => void;
  /** Returns the words for an error of the model. */
  readonly describe: (error: unknown) => string;
}

/** The certificates to seal with: those that came with the page, and those that someone loads. */
export class Certificates {
  readonly #options: CertificatesOptions;
  readonly #list = find('certificate-list', HTMLElement);
  readonly #none = find('no-certificate', HTMLElement);
  readonly #status = find('certificate-status', HTMLElement);
  readonly #load = find('certificate-file', HTMLInputElement);
  #cards: CertificateCard[] = [];

  constructor(options: CertificatesOptions) {
    this.#options = options;
    onChosenFiles(this.#load, (files) => void this.loadFiles(files));
  }

  /** The selected certificates. */
  get selected(): readonly NamedCertificate[] {
    return this.#selectedCards().map(({ summary: { name, pem } }) => ({ name, pem }));
  }

  /** The control of one selected certificate, or else the one that adds certificates. */
  control(index = 0): HTMLElement {
    return this.#selectedCards()[index]?.control ?? this.#load;
  }

  /** Reads a certificate, shows it, and selects it if it can be sealed with. */
  async add(certificate: NamedCertificate): Promise<void> {
    const answer = await this.#read(certificate);
    if (answer === undefined) return;
    const known = this.#cards.find(({ summary }) => summary.fingerprint === answer.fingerprint);
    if (known !== undefined) {
      this.report(`This certificate is here already, as ${visible(known.summary.name)}.`);
      return;
    }
    this.#show({ ...answer, name: this.#freeName(answer.name) });
  }

  async #read(certificate: NamedCertificate): Promise<CertificateSummary | undefined> {
    try {
      const answer = await this.#options.model.readCertificate(certificate);
      if (!('kind' in answer)) return answer;
      this.report(answer.message.text);
      // It may have been given a private key.
      this.#options.model.end();
    } catch (error) {
      this.report(this.#options.describe(error));
    }
    return undefined;
  }

  /** Adds the certificate of a dropped or recognized file. */
  async addFile(content: Content): Promise<void> {
    this.forgetReports();
    await this.#addFile(content);
  }

  async #addFile({ bytes, fileName }: Content): Promise<void> {
    await this.add({ name: clusterName(fileName), pem: new TextDecoder('latin1').decode(bytes) });
  }

  /** Shows why a certificate was not added, below what was reported about others. */
  report(text: string): void {
    showText(this.#status, `${this.#status.textContent}\n${text}`.trim());
    announce(text);
  }

  /** Takes back what was reported. */
  forgetReports(): void {
    showText(this.#status, '');
  }

  /** Adds the certificates in files. */
  async loadFiles(files: readonly File[]): Promise<void> {
    this.forgetReports();
    for (const file of files) {
      const content = await readFile(file);
      if (content === undefined) this.report(describeUnreadable(file.name));
      else await this.#addFile(content);
    }
  }

  #show(summary: CertificateSummary): void {
    const { memory, onChange } = this.#options;
    const card = new CertificateCard(summary, {
      comparison: memory.compare(summary.name, summary.fingerprint),
      onAccepted: () => memory.remember(summary.name, summary.fingerprint),
      onChange,
    });
    this.#cards.push(card);
    this.#list.append(card.element);
    this.#none.hidden = true;
    announce(card.announcement);
    onChange();
  }

  /** Two clusters may have files of the same name. */
  #freeName(name: string): string {
    const taken = new Set(this.#cards.map(({ summary }) => summary.name));
    for (let count = 1; ; count += 1) {
      const free = count === 1 ? name : `${name} (${count})`;
      if (!taken.has(free)) return free;
    }
  }

  #selectedCards(): readonly CertificateCard[] {
    return this.#cards.filter(({ isSelected }) => isSelected);
  }
}
