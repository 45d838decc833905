/** The shells with a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
/** A shell with a completion script. */
export type Shell = (typeof SHELLS)[number];

const BASH = `# bash completion for kubeseal: source <(kubeseal completion bash)
_kubeseal() {
    local line candidates=() directive=0
    while IFS= read -r line; do
        case "$line" in
            :*) directive="\${line#:}" ;;
            *) candidates+=("\${line%%$'\\t'*}") ;;
        esac
    done < <("\${COMP_WORDS[0]}" __completeBash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    COMPREPLY=()
    if (( \${#candidates[@]} )); then
        COMPREPLY=("\${candidates[@]}")
        # They come with the quotes that they need.
    elif (( ! (directive & 4) )); then
        compopt -o default 2>/dev/null
    fi
}
complete -F _kubeseal kubeseal
`;

const ZSH = `#compdef kubeseal
# zsh completion for kubeseal: source <(kubeseal completion zsh), or a file _kubeseal in $fpath
_kubeseal() {
    local line text help directive=0
    local -a candidates shown before
    before=("\${(@Q)words[2,CURRENT-1]}")
    while IFS= read -r line; do
        case "$line" in
            :*) directive="\${line#:}" ;;
            *)
                text="\${line%%$'\\t'*}" help=""
                [[ "$line" == *$'\\t'* ]] && help="\${line#*$'\\t'}"
                candidates+=("$text")
                shown+=("$text\${help:+  -- $help}")
                ;;
        esac
    done < <("\${(Q)words[1]}" __completeQuoted "\${(@)before}" "\${(Q)PREFIX}" 2>/dev/null)
    if (( \${#candidates} )); then
        # compadd quotes what it inserts.
        compadd -l -d shown -a candidates
    elif (( ! (directive & 4) )); then
        _files
    fi
}
if [ "\${funcstack[1]}" = "_kubeseal" ]; then
    _kubeseal "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
    compdef _kubeseal kubeseal
fi
`;

const FISH = `# fish completion for kubeseal: kubeseal completion fish | source
function __kubeseal_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    # The word is cut short where a quote is open.
    set -l whole (string unescape -- $word 2>/dev/null; or string unescape -- $word'"' 2>/dev/null; or string unescape -- $word"'" 2>/dev/null; or echo)
    set -l answer ($words[1] __completeQuoted $words[2..-1] "$whole" 2>/dev/null)
    set -l directive 0
    set -l found 0
    for line in $answer
        switch $line
            case ':*'
                set directive (string sub -s 2 -- $line)
            case '*'
                set found 1
                # Fish quotes what it inserts.
                printf '%s\\n' $line
        end
    end
    if test $found -eq 0; and test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (commandline -ct)
    end
end
complete -c kubeseal -e
complete -c kubeseal -f -a '(__kubeseal_complete)'
`;

/**
 * The scripts that a shell loads to complete `kubeseal`. They run the program itself: `kubeseal __completeBash LINE
 * BREAKS` in bash, `kubeseal __completeQuoted WORD…` in the others. Its output has the format of cobra: a candidate, a
 * tab and its description on each line, and a last line of `:` and a number of flags (4: no file names). For bash,
 * candidates are quoted and follow the last word break of the line; zsh and fish quote what they insert.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
