import { dump } from 'js-yaml';
import type { Target } from '../targets.ts';
import { goPlatform, programName } from './kubeseal.ts';

/** A downloadable archive of kubeseal. */
export interface Download {
  readonly target: Target;
  readonly url: string;
  /** The SHA-256 of the archive, in hexadecimal. */
  readonly sha256: string;
}

/** The version and homepage that both package managers show. */
export interface About {
  readonly version: string;
  readonly homepage: string;
}

const SHORT = 'Encrypts Secrets so that they are safe to keep in Git';

/** Returns the krew manifest of the plugin `kubectl seal` (krew.googlecontainertools.github.com/v1alpha2). */
export function krewManifest({ version, homepage }: About, downloads: readonly Download[]): string {
  return dump({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'seal' },
    spec: {
      version: `v${version}`,
      homepage,
      shortDescription: SHORT,
      description:
        'Encrypts a Secret with the public key of a cluster into a SealedSecret, which anyone may read and only the ' +
        'sealed-secrets controller of that cluster can turn back.',
      platforms: downloads.map(({ target, url, sha256 }) => ({
        selector: { matchLabels: goPlatform(target) },
        uri: url,
        sha256,
        bin: programName(target),
        files: [programName(target), 'LICENSE', 'THIRD-PARTY-NOTICES.txt'].map((from) => ({ from, to: '.' })),
      })),
    },
  });
}

/** Returns the Homebrew formula of kubeseal for macOS and Linux. */
export function homebrewFormula({ version, homepage }: About, downloads: readonly Download[]): string {
  const systems = [
    ['macos', 'darwin'],
    ['linux', 'linux'],
  ] as const;
  const blocks = systems.flatMap(([name, platform]) => {
    const its = downloads.filter(({ target }) => target.platform === platform);
    if (its.length === 0) return [];
    return [`  on_${name} do\n${its.map(processor).join('')}  end\n`];
  });
  return `class Kubeseal < Formula
  desc "${SHORT}"
  homepage "${homepage}"
  version "${version}"
  license "Apache-2.0"

${blocks.join('\n')}
  def install
    bin.install "kubeseal"
    generate_completions_from_executable(bin/"kubeseal", "completion")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/kubeseal --version")
  end
end
`;
}

function processor({ target, url, sha256 }: Download): string {
  return `    on_${target.arch === 'arm64' ? 'arm' : 'intel'} do
      url "${url}"
      sha256 "${sha256}"
    end
`;
}
