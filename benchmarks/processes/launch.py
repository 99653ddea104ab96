"""``launch.py RESULT COMMAND…``: runs one command from a small process, and writes its cost.

A process begins with the memory of the one that starts it, and Linux counts that as its peak. This
one is smaller than everything that is measured.
"""

import os
import sys
import time


def main(result: str, words: list[str]) -> int:
    began = time.perf_counter()
    process = os.fork()
    if process == 0:
        try:
            os.execvp(words[0], words)
        except OSError as error:
            os.write(2, f"{words[0]}: {error.strerror}\n".encode())
            os._exit(127)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    with open(result, "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib is not small
        print(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, code, file=file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
