#!/usr/bin/env bash
# What the action of this repository runs in the folder of a project: checks the committed output, and compares it with
# that of the base.
#
# Reads BASE (a revision, `none`, or empty for the merge base with TARGET), TARGET (the branch that a pull request goes
# to), DENY (gates beside those of meshsynth.toml, with commas between them), SARIF (`true` also writes reports for code scanning) and MARKER (the first line of the comment).
# Writes comment.md, diff.html, synth.sarif and diff.sarif into REPORTS, the summary of the job, and the outputs `status` (the exit
# code of the gates), `marker`, `synth` and `diff` (whether there is a SARIF report of either). It ends with 0 unless it cannot do its work.
set -euo pipefail

: "${REPORTS:?}" "${GITHUB_OUTPUT:?}" "${GITHUB_STEP_SUMMARY:?}"
marker=${MARKER:-<!-- meshsynth -->}
sarif=${SARIF:-false}
mkdir -p "$REPORTS"
rm -f "$REPORTS"/{comment.md,diff.html,synth.sarif,diff.sarif}

# What the outputs say of a report that is there.
has() {
    if [ -s "$REPORTS/$1.sarif" ]; then echo "$1=true" >> "$GITHUB_OUTPUT"; fi
}

finish() {
    cat "$REPORTS/comment.md" >> "$GITHUB_STEP_SUMMARY"
    { echo "status=$1"; echo "marker=$marker"; } >> "$GITHUB_OUTPUT"
    has synth
    has diff
    exit 0
}

status=0
meshsynth synth --check --strict || status=$?
if [ "$sarif" = true ]; then
    # The program is compiled: this takes as long as it runs.
    meshsynth synth --check --strict --quiet --diagnostics sarif > "$REPORTS/synth.sarif" || true
fi
if [ "$status" -ne 0 ]; then
    {
        echo "$marker"
        echo '### meshsynth'
        echo
        echo 'The program has errors, or the committed output is not what it makes: see the log of the job. Nothing was compared.'
    } > "$REPORTS/comment.md"
    finish "$status"
fi

base=${BASE:-}
if [ -z "$base" ] && [ -n "${TARGET:-}" ]; then
    base=$(git merge-base "origin/$TARGET" HEAD)
fi
if [ -z "$base" ]; then
    echo 'There is no base to compare with: this is not a pull request, and the input base is empty.' > "$REPORTS/comment.md"
    finish 0
fi
if [ "$base" != none ] && ! git cat-file -e "$base:./meshsynth.toml" 2> /dev/null; then
    # The project begins with this pull request.
    base=none
fi

gates=()
if [ -n "${DENY:-}" ]; then gates+=(--deny "$DENY"); fi

# What is compared is the committed output: it is checked above, so no program is run again.
echo "$marker" > "$REPORTS/comment.md"
meshsynth diff --no-synth --base "$base" ${gates[@]+"${gates[@]}"} --format markdown >> "$REPORTS/comment.md" || status=$?
if [ "$status" -le 1 ]; then
    meshsynth diff --no-synth --base "$base" ${gates[@]+"${gates[@]}"} --format html > "$REPORTS/diff.html" || true
    if [ "$sarif" = true ]; then
        meshsynth diff --no-synth --base "$base" ${gates[@]+"${gates[@]}"} --format sarif > "$REPORTS/diff.sarif" || true
    fi
else
    echo 'meshsynth could not compare: see the log of the job.' >> "$REPORTS/comment.md"
fi
finish "$status"
