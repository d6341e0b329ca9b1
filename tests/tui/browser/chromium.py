"""A headless Chromium that is driven over its debugging pipe: pages are opened, keys are pressed, what sockets bring is read."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PATIENCE_S = 60.0
NAMES = ("chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """The program, if it is here."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One browser with one page."""

    def __init__(self, program: str, profile: Path) -> None:
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        words = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                 f"--user-data-dir={profile}", "--window-size=1200,700", "--remote-debugging-pipe", "about:blank"]
        # Chromium reads commands from descriptor 3 and writes answers to 4.
        script = f"exec 3<&{commands} 4>&{answers}; exec \"$@\""
        self._process = subprocess.Popen(["bash", "-c", script, "bash", *words], pass_fds=(commands, answers), stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self._rest = b""
        self._number = 0
        self._session = ""
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        target = next(one for one in self.call("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._commands)
        os.close(self._answers)

    def call(self, method: str, **parameters: Any) -> Any:
        """Ask, and wait for the answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        found: list[dict[str, Any]] = []

        def answered() -> bool:
            found.extend(event for event in self.events if event.get("id") == self._number)
            return bool(found)

        self.until(answered, method)
        assert "error" not in found[0], found[0]
        return found[0]["result"]

    def until(self, predicate: Callable[[], object], what: str = "what was waited for") -> None:
        """Take in events until it holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not predicate():
            assert time.monotonic() < deadline, f"{what} did not come: {self.events[-5:]}"
            self._take(1.0)

    def _take(self, patience: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            if selector.select(patience):
                data = os.read(self._answers, 1 << 16)
                assert data, "the browser ended"
                *messages, self._rest = (self._rest + data).split(b"\0")
                self.events += [json.loads(message) for message in messages]

    def evaluate(self, expression: str) -> Any:
        """The value of JavaScript in the page."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)["result"].get("value")

    def press(self, text: str) -> None:
        """Press a key that types a character."""
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, key=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=text)

    def of(self, method: str) -> list[dict[str, Any]]:
        """What was told of one kind, so far."""
        return [event["params"] for event in self.events if event.get("method") == method]
