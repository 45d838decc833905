/**
 * What a shell loads to complete `kubeseal`. Each asks the program itself, `kubeseal __complete WORD…`, which answers
 * in the form that cobra's programs use and `kubectl` plugins must: a candidate a line, a tab and its meaning, and
 * at last `:` and a number of flags (4: no file names).
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const BASH = `# bash completion for kubeseal: source <(kubeseal completion bash)
_kubeseal() {
    local words line candidates=() directive=0
    # Bash takes --flag=value apart, into three words.
    words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
    while IFS= read -r line; do
        case "$line" in
            :*) directive="\${line#:}" ;;
            *) candidates+=("\${line%%$'\\t'*}") ;;
        esac
    done < <("\${COMP_WORDS[0]}" __complete "\${words[@]}" 2>/dev/null)
    COMPREPLY=()
    if (( \${#candidates[@]} )); then
        local IFS=$'\\n'
        COMPREPLY=("\${candidates[@]}")
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
    local -a candidates
    while IFS= read -r line; do
        case "$line" in
            :*) directive="\${line#:}" ;;
            *)
                text="\${line%%$'\\t'*}" help=""
                [[ "$line" == *$'\\t'* ]] && help="\${line#*$'\\t'}"
                candidates+=("\${text//:/\\\\:}\${help:+:$help}")
                ;;
        esac
    done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( \${#candidates} )); then
        _describe kubeseal candidates
    elif (( ! (directive & 4) )); then
        _files
    fi
}
if [ "\${funcstack[1]}" = "_kubeseal" ]; then _kubeseal "$@"; else compdef _kubeseal kubeseal; fi
`;

const FISH = `# fish completion for kubeseal: kubeseal completion fish | source
function __kubeseal_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l answer ($words[1] __complete $words[2..-1] 2>/dev/null)
    set -l directive 0
    set -l found 0
    for line in $answer
        switch $line
            case ':*'
                set directive (string sub -s 2 -- $line)
            case '*'
                set found 1
                echo -- $line
        end
    end
    if test $found -eq 0; and test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (commandline -ct)
    end
end
complete -c kubeseal -e
complete -c kubeseal -f -a '(__kubeseal_complete)'
`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
