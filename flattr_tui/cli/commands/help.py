"""The commands `help`, which shows the help of a command, and `completion`, which prints the script for a shell.

With the script, bash, zsh or fish completes commands, methods, parameters and choices. The scripts replace those of
click. In those, bash passes words that are cut at `=`, bash and zsh add a space after `username=`, and fish cuts a
description at its first comma.
"""

import os
from typing import Any, Final

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

from flattr_tui.cli.errors import COMPLETION_VARIABLE, NAME, BadInputError

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
    """Make click use the completion scripts of the classes in `SHELLS` instead of its own."""
    for name, shell in SHELLS.items():
        add_completion_class(shell, name)


def complete_command(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return completions for the next word after `help`: the name of a command that begins with `incomplete`.

    After `help` and the name of a group, such as `cache`, only commands of that group are returned.
    """
    try:
        found = find_command(context, context.params.get("names") or ())
    except click.ClickException:
        return []
    if not isinstance(found.command, click.Group):
        return []
    return [item for item in found.command.shell_complete(found, incomplete) if not item.value.startswith("-")]


@click.command(
    "help",
    epilog="""\b
Examples:
  flattr-tui help
  flattr-tui help sync
  flattr-tui help cache prune
""",
)
@click.argument("names", metavar="[COMMAND]...", nargs=-1, shell_complete=complete_command)
@click.pass_context
def help_command(context: click.Context, names: tuple[str, ...]) -> None:
    """Show the help of COMMAND, as `COMMAND --help` does. Without COMMAND, show the help of the program."""
    found = find_command(context, names)
    click.echo(found.command.get_help(found))


def find_command(context: click.Context, names: tuple[str, ...]) -> click.Context:
    """Return the click context of a command. For `cache prune`, `names` is `("cache", "prune")`.

    Raises `NoSuchCommand` for an unknown command, and `BadInputError` if a name follows a command that has no
    subcommands.
    """
    found = context.find_root()
    for name in names:
        if not isinstance(found.command, click.Group):
            raise BadInputError(f"`{found.command_path}` has no commands of its own.")
        _, command, _ = found.command.resolve_command(found, [name])
        if command is None:
            raise click.NoSuchCommand(name, ctx=found)
        found = click.Context(command, info_name=name, parent=found)
    return found


@click.command(
    "completion",
    short_help="Print a shell's completion script.",
    epilog="""\b
Examples:
  flattr-tui completion bash >> ~/.bashrc
  flattr-tui completion zsh > "${fpath[1]}/_flattr-tui"
  flattr-tui completion fish > ~/.config/fish/completions/flattr-tui.fish
""",
)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, API methods, their parameters and choices."""
    click.echo(SHELLS[shell](context.find_root().command, {}, NAME, COMPLETION_VARIABLE).source(), nl=False)
