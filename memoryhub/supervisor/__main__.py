"""`python -m memoryhub.supervisor [--with-parent]`: MemoryHub in the foreground.

Ends with 0 after Ctrl-C or TERM, with 1 and one line if it cannot start. With `--with-parent` it
stops when the process that started it ends, even by SIGKILL; `make up` uses that.
"""

import signal
import sys
from types import FrameType

from memoryhub.embedded import kernel
from memoryhub.embedded.layout import LauncherError
from memoryhub.supervisor import foreground

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    if "--with-parent" in sys.argv[1:]:
        kernel.die_with_parent(signal.SIGTERM)
    for number in _SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _stop)
    try:
        foreground.run()
    except KeyboardInterrupt:
        return 0
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Unwind from wherever we are. Another signal must not cut the stopping short."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
