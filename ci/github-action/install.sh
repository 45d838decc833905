#!/usr/bin/env bash
# Downloads kubeseal $VERSION, verifies its checksum and, unless $ATTESTATION is false, its provenance, and adds it to the
# path of the steps that follow. The files are at $URL, or at the page of the release in $REPOSITORY.
set -euo pipefail

fail() {
  echo "::error title=kubeseal lint::$1"
  exit 1
}

version="${VERSION#v}"
[[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "The version is not a version of a release, such as 0.1.0."
[[ "$ATTESTATION" == true || "$ATTESTATION" == false ]] || fail "The input attestation is true or false."

case "$(uname -s)" in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  MINGW* | MSYS* | CYGWIN*) os=windows ;;
  *) fail "There is no kubeseal for $(uname -s)." ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) arch=amd64 ;;
  arm64 | aarch64) arch=arm64 ;;
  *) fail "There is no kubeseal for the processor $(uname -m)." ;;
esac

archive="kubeseal-$version-$os-$arch.tar.gz"
sums="sealed-secrets-$version-checksums.txt"
url="${URL:-$GITHUB_SERVER_URL/$REPOSITORY/releases/download/v$version}"
work="$(mktemp -d "$RUNNER_TEMP/kubeseal.XXXXXX")"
cd "$work"

for file in "$archive" "$sums"; do
  curl --fail --silent --show-error --location --retry 3 --max-time 300 --output "$file" "${url%/}/$file" ||
    fail "$file could not be downloaded from $url."
done

# Exactly one line may be about the archive. Its form is that of sha256sum.
line="$(grep -E "^[0-9a-f]{64}  ${archive//./\\.}\$" "$sums" || true)"
[[ "$line" =~ ^[0-9a-f]{64}\ \ [^[:space:]]+$ ]] || fail "$sums has no checksum of $archive."
if command -v sha256sum > sha256sum.path; then
  actual="$(sha256sum "$archive")"
else
  actual="$(shasum -a 256 "$archive")"
fi
[[ "${actual%% *}" == "${line%% *}" ]] || fail "$archive does not have the checksum in $sums."

if [[ "$ATTESTATION" == true ]]; then
  command -v gh > gh.path || fail "gh is not installed, which verifies the provenance of $archive. Install it, or set attestation: false."
  gh attestation verify "$archive" --repo "$REPOSITORY" --source-ref "refs/tags/v$version" \
    --signer-workflow "$REPOSITORY/.github/workflows/release.yml" --deny-self-hosted-runners ||
    fail "The provenance of $archive could not be verified."
fi

mkdir bin
tar -xzf "$archive" -C bin
[[ -f bin/kubeseal || -f bin/kubeseal.exe ]] || fail "$archive has no kubeseal."
echo "$work/bin" >> "$GITHUB_PATH"
