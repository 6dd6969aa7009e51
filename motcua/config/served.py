"""The application as ``motcua serve`` runs it: a worker that ends with the process that started it.

Without this a server killed outright would leave its workers behind, holding the port.
"""

import os
import signal
import threading
import time

from motcua.config.wsgi import application

__all__ = ["application"]


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)
    os._exit(1)


threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True, name="end-with-parent").start()
