import type { TestContext } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { Keyring } from '../../shared/seal/keyring.ts';
import { FakeApiServer } from './fake-api-server.ts';
import { FakeClock } from './fake-clock.ts';
import { sealingPair } from './keys.ts';
import { sealedItem, sealedSecret } from './sealed.ts';
import { TestController, type TestFlags } from './test-controller.ts';

const { key, certificate } = await sealingPair();

/** The certificate of the only key that the controller of a test bed has. */
export const CERTIFICATE = certificate;
/** The fingerprint of that key. */
export const FINGERPRINT = key.fingerprint;
/** The namespace of the objects in a test bed. */
export const NAMESPACE = 'shop';

/** A fake API server and a controller, with helpers to create and edit SealedSecrets. */
export interface TestBed {
  readonly server: FakeApiServer;
  readonly controller: TestController;
  readonly clock: FakeClock;
  /** Creates a SealedSecret in `NAMESPACE` with these items. */
  readonly seal: (name: string, template?: object, items?: Readonly<Record<string, string>>) => Ref;
  /** Changes items of a SealedSecret; null removes one. */
  readonly reseal: (ref: Ref, items: Readonly<Record<string, string | null>>) => void;
}

/** Starts a test bed that stops after the test. */
export async function startTestBed(t: TestContext, flags: Partial<TestFlags> = {}): Promise<TestBed> {
  const clock = new FakeClock();
  const server = await FakeApiServer.start(clock);
  t.after(() => server.stop());
  return {
    server,
    clock,
    controller: new TestController(server, new Keyring([key]), { clock, ...flags }),
    seal: (name, template = {}, items = { a: 'one' }) => {
      const ref = { namespace: NAMESPACE, name };
      server.create('sealedsecrets', sealedSecret(certificate, ref, items, { template }));
      return ref;
    },
    reseal: (ref, items) => {
      const encryptedData = Object.fromEntries(
        Object.entries(items).map(([item, value]) => [
          item,
          value === null ? null : sealedItem(certificate, ref, value),
        ]),
      );
      server.change('sealedsecrets', ref, { spec: { encryptedData } });
    },
  };
}
