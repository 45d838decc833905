#!/usr/bin/env bash
# Writes the findings as SARIF into a file, and its path into the output `file` of the step. Findings do not fail this
# step: the step that prints them does.
set -euo pipefail

file="$(mktemp -d "$RUNNER_TEMP/kubeseal-lint.XXXXXX")/kubeseal-lint.sarif"
FORMAT=sarif bash "$(dirname "$0")/lint.sh" > "$file" || [[ -s "$file" ]]
echo "file=$file" >> "$GITHUB_OUTPUT"
