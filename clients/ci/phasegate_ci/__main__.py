"""The entry of `phasegate` and `python -m phasegate_ci`: nothing leaves it but a code of `exits`."""

import gc
import sys

from phasegate_ci.exits import DONE, INTERRUPTED, NO_ANSWER, WRONG_USE, Stop


def main() -> None:
    """Run the command line and exit."""
    # Looking for garbage while modules are imported takes some 10 ms and finds none. Commands of other packages,
    # which may run for long, have it back.
    gc.disable()
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as failure:  # a fault of ours, or of the installation
        # Python would exit with 1, and a pipeline would read no-go.
        _complain(f"phasegate: this should not happen: {type(failure).__name__}: {failure}")
        _complain("  mend: install phasegate-ci anew; if it lasts, report it")
        code = NO_ANSWER
    # Python's last look for garbage among thousands of imported objects costs 30 ms and frees what ends anyway.
    gc.freeze()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """The exit code for these arguments."""
    import click

    from phasegate_ci.cli import cli

    try:
        with cli.make_context("phasegate", arguments) as ctx:
            result = cli.invoke(ctx)
            return result if type(result) is int else DONE
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as refusal:
        refusal.show()
        # 1 is click's default for a failure, not a no-go.
        return refusal.exit_code if refusal.exit_code not in (DONE, 1) else WRONG_USE
    except Stop as stop:
        _complain(f"phasegate: {stop.message}")
        for detail in stop.details:
            _complain(f"  {detail}")
        _complain(f"  mend: {stop.mend}")
        return stop.code
    except BrokenPipeError:  # of what click itself writes, e.g. `--help | head -1`
        sys.stdout = None
        return DONE


def _complain(text: str) -> None:
    from phasegate_ci.terminal import complain

    complain(text)


if __name__ == "__main__":
    main()
