"""The completion scripts for bash, zsh and fish, and how the program answers them.

They replace the scripts of click. In those, bash passes words that are cut at `=`, bash and zsh add a space after
`username=`, and fish cuts a description at its first comma.
"""

import os
from typing import Any, Final

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

BASH: Final = """\
%(complete_func)s() {
    local line type value prefix=
    # COMP_WORDS is cut at "=", so the line itself is given. COMP_POINT counts bytes.
    line=$(LC_ALL=C; printf '%%s' "${COMP_LINE:0:COMP_POINT}")
    # Readline replaces what is behind the last "=" alone.
    if [[ $COMP_WORDBREAKS == *=* && ${line##*[[:space:]]} == *=* ]]; then
        prefix=${line##*[[:space:]]}
        prefix=${prefix%%=*}=
    fi
    COMPREPLY=()
    while IFS=, read -r type value; do
        if [[ $type == dir ]]; then
            compopt -o dirnames
        elif [[ $type == file ]]; then
            compopt -o default
        elif [[ $type == plain ]]; then
            [[ $value == *= ]] && compopt -o nospace
            COMPREPLY+=("${value#"$prefix"}")
        fi
    done <<< "$(env COMP_LINE="$line" %(complete_var)s=bash_complete $1)"
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

ZSH: Final = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a response open closed
    (( ! $+commands[%(prog_name)s] )) && return 1

    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \
%(complete_var)s=zsh_complete %(prog_name)s)}")

    for type value help in "${(@)response}"; do
        if [[ "$type" == "plain" ]]; then
            if [[ "$value" == *= ]]; then
                open+=("$value${help:+:$help}")
            else
                closed+=("$value${help:+:$help}")
            fi
        elif [[ "$type" == "dir" ]]; then
            _path_files -/
        elif [[ "$type" == "file" ]]; then
            _path_files -f
        fi
    done

    # A value is to follow "=": no blank.
    (( $#open )) && _describe -V open open -U -S ''
    (( $#closed )) && _describe -V closed closed -U
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"  # from a folder of fpath
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

FISH: Final = """\
function %(complete_func)s
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) \
COMP_CWORD=(commandline -t) %(prog_name)s)

    for completion in $response
        set -l parts (string split -m 1 , -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Complete(ShellComplete):
    def get_completions(self, args: list[str], incomplete: str) -> "list[CompletionItem[Any]]":
        """Return the completions of the word `incomplete`, which comes after the words `args`.

        If the word is the beginning of an `--option=VALUE`, each completion contains the `--option=`, because the shell
        replaces the whole word.
        """
        found = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if equals and option.startswith("-"):
            return [CompletionItem(f"{option}={item.value}", type=item.type, help=item.help) for item in found]
        return found


class Bash(_Complete, BashComplete):
    """The completion of commands for bash 4.4 and later."""

    source_template = BASH

    def source(self) -> str:
        """Return the completion script for bash. Unlike click's method, this starts no bash to find its version."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the typed words after the program's name, and the word to complete, up to the cursor."""
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)[1:]
        return (words, "") if not words or line[-1].isspace() else (words[:-1], words[-1])


class Zsh(_Complete, ZshComplete):
    """The completion of commands for zsh."""

    source_template = ZSH

    def format_completion(self, item: "CompletionItem[Any]") -> str:
        """Return a completion in the form that the script for zsh reads: type, value and help on three lines.

        Colons in the value are escaped, because the script puts a colon between value and help.
        """
        value = item.value.replace("\\", "\\\\").replace(":", r"\:")
        return f"{item.type}\n{value}\n{item.help or ''}"


class Fish(_Complete, FishComplete):
    """The completion of commands for fish."""

    source_template = FISH

    def format_completion(self, item: "CompletionItem[Any]") -> str:
        """Return a completion in the form that the script for fish reads: the line `type,value`, a tab, the help."""
        return f"{item.type},{item.value}" + (f"\t{' '.join(item.help.split())}" if item.help else "")


SHELLS: Final[dict[str, type[ShellComplete]]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def register_shells() -> None:
    """Make click use these completion scripts instead of its own."""
    for name, shell in SHELLS.items():
        add_completion_class(shell, name)
