#!/usr/bin/env bash
# What the action of this repository runs in the folder of a project: checks the committed output, and compares it with
# that of the base.
#
# Reads BASE (a revision, `none`, or empty for the merge base with TARGET), TARGET (the branch that a pull request goes
# to), HEAD_FOLDER (what other tools wrote, to be compared without a program), BASE_FOLDER (what that is compared with; empty for
# the same folder of the base), ARGUMENTS (more options for such folders, with spaces between them), DENY (gates beside those of meshsynth.toml, with commas between them), SARIF (`true` also writes reports for code scanning) and MARKER (the first line of the comment).
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
gates=()
if [ -n "${DENY:-}" ]; then gates+=(--deny "$DENY"); fi

# Compares, and writes what is asked for; the arguments name both sides.
compare() {
    echo "$marker" > "$REPORTS/comment.md"
    meshsynth diff "$@" ${gates[@]+"${gates[@]}"} --format markdown >> "$REPORTS/comment.md" || status=$?
    if [ "$status" -le 1 ]; then
        meshsynth diff "$@" ${gates[@]+"${gates[@]}"} --format html > "$REPORTS/diff.html" || true
        if [ "$sarif" = true ]; then
            meshsynth diff "$@" ${gates[@]+"${gates[@]}"} --format sarif > "$REPORTS/diff.sarif" || true
        fi
    else
        echo 'meshsynth could not compare: see the log of the job.' >> "$REPORTS/comment.md"
    fi
    finish "$status"
}

if [ -n "${HEAD_FOLDER:-}" ]; then
    base=${BASE_FOLDER:-}
    if [ -z "$base" ] && [ "${BASE:-}" = deployed ]; then base=deployed; fi
    if [ -z "$base" ]; then
        revision=${BASE:-}
        if [ -z "$revision" ] && [ -n "${TARGET:-}" ]; then
            revision=$(git merge-base "origin/$TARGET" HEAD)
        fi
        if [ "$revision" != none ] && ! git cat-file -e "HEAD:./$HEAD_FOLDER" 2> /dev/null; then
            {
                echo "$marker"
                echo '### meshsynth'
                echo
                echo "\`$HEAD_FOLDER\` is not committed, so the base has nothing to compare it with: make it there too, and name it with \`base-folder\`."
            } > "$REPORTS/comment.md"
            finish 2
        fi
        base=none
        # A folder that begins with this pull request is new as a whole.
        if [ -n "$revision" ] && git cat-file -e "$revision:./$HEAD_FOLDER" 2> /dev/null; then
            base="$revision:./$HEAD_FOLDER"
        fi
    fi
    read -r -a more <<< "${ARGUMENTS:-}"
    compare --base "$base" --head "$HEAD_FOLDER" ${more[@]+"${more[@]}"}
fi

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

# What is compared is the committed output: it is checked above, so no program is run again.
compare --no-synth --base "$base"
