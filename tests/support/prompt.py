"""What somebody reads who types a program's path at a shell's prompt."""
import os
import re

import differential

NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def run(path, shell="/bin/bash", prefix=(), seconds=30, environment=None, folder=None):
    """Text on standard error and exit code. `prefix`: words before the shell, which make a root, a user or limits."""
    name = os.path.basename(shell)
    # LD_ variables are for the program alone, not for what leads to it.
    words = " ".join(f"{key}='{value}'" for key, value in (environment or {}).items())
    done = differential.run([*prefix, shell, "-c", f"{words} {path}; exit $?", name], seconds=seconds, env={"PATH": "/usr/bin:/bin:/usr/sbin"}, cwd=folder)
    # A script says which line; the prompt does not.
    return re.sub(r"^(\w+): line \d+: ", r"\1: ", done.err, flags=re.MULTILINE).rstrip("\n"), done.code


def compare(suite, real, answer):
    """`real`: what run() gave; `answer`: a result of `check`."""
    text, code = real
    context = f"really {text!r}, {code}; abiscope: {answer['verdict']} {answer['message']} {answer.get('assumptions')}"
    suite.equal("verdict", "runs" if code == 0 else "fails", answer["verdict"], context)
    suite.equal("text", text, answer["message"]["text"], context)
    if code != 0:
        suite.equal("exit code", code, answer["message"]["exit_code"], context)
