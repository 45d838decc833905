#!/usr/bin/env bash
# Checks $PATHS, one in each line, below the folder $FOLDER, and prints the findings in the form of $FORMAT. Paths in the
# findings start from the workspace, as GitHub needs them. The exit code is that of kubeseal lint.
set -euo pipefail

FOLDER="${FOLDER:-.}"
paths=()
while IFS= read -r path; do
  [[ -n "$path" ]] || continue
  [[ "$FOLDER" == . || "$path" == /* ]] || path="${FOLDER%/}/$path"
  paths+=("$path")
done <<< "$PATHS"
# Without a path, kubeseal checks the whole workspace.
[[ ${#paths[@]} -gt 0 ]] || paths=("$FOLDER")

exec kubeseal lint --format "$FORMAT" -- "${paths[@]}"
