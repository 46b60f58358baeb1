"""A real browser without a window, driven over its own protocol.

Chromium reads and writes messages of the Chrome DevTools Protocol on two pipes, JSON ended by a
zero byte (`--remote-debugging-pipe`): no port, no driver program, no library.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",  # tests may be run by root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
PATIENCE_S = 60.0


def find() -> str | None:
    """The program, None where none is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class BrowserError(RuntimeError):
    """The browser did not do what it was asked to."""


class Browser:
    """One browser with one page at a time; a context manager that ends what it started."""

    def __init__(self, program: str) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="parecon-browser-", ignore_cleanup_errors=True
        )
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        profile = f"--user-data-dir={self._folder.name}"
        # The browser reads its descriptor 3 and writes 4. The shell puts them there, because what
        # subprocess runs between fork and exec must not be Python where other threads are.
        move = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["bash", "-c", move, "bash", program, *FLAGS, profile, "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out = ours_in, ours_out
        self._buffer = b""
        self._count = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.send(f"{domain}.enable")
        self.send("Network.emulateNetworkConditions", offline=True, latency=0,
                  downloadThroughput=0, uploadThroughput=0)  # fmt: skip

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._session = None
            self.send("Browser.close")
        except BrowserError:
            self._process.kill()
        finally:
            self._process.wait(PATIENCE_S)
            os.close(self._in)
            os.close(self._out)
            self._folder.cleanup()

    # -- pages ----------------------------------------------------------------------------------

    def open(self, page: Path, *, width: int = 1100, height: int = 900, **media: str) -> None:
        """Load a file and wait until it is there. media: features such as prefers_color_scheme."""
        features = [{"name": k.replace("_", "-"), "value": v} for k, v in media.items()]
        self.send("Emulation.setEmulatedMedia", media="screen", features=features)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        self.events.clear()
        self.send("Page.navigate", url=page.resolve().as_uri())
        self._wait_for("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """The value of an expression, as JSON; an exception in the page is a BrowserError."""
        answer = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def click(self, selector: str) -> None:
        """Click with the mouse in the middle of an element."""
        place = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const r = e.getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for what in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=what, x=place[0], y=place[1],
                      button="left", clickCount=1)  # fmt: skip

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.send("Input.insertText", text=text)

    def key(self, key: str, code: int) -> None:
        """Press a key that is no letter, such as Enter (13)."""
        letters = {"text": "\r"} if key == "Enter" else {}
        for what in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=what, key=key, code=key,
                      windowsVirtualKeyCode=code, **letters)  # fmt: skip

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """A picture of the page."""
        answer = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def print(self, path: Path) -> None:
        """The page on paper, as PDF."""
        self.send("Emulation.setEmulatedMedia", media="", features=[])
        answer = self.send(
            "Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69
        )
        path.write_bytes(base64.b64decode(answer["data"]))

    def complaints(self) -> list[str]:
        """What the page wrote on its console, and what went wrong in it."""
        found = []
        for event in self.events:
            what, said = event["method"], event["params"]
            if what == "Runtime.exceptionThrown":
                found.append(said["exceptionDetails"]["text"])
            elif what == "Runtime.consoleAPICalled":
                found.append(f"{said['type']}: {[arg.get('value') for arg in said['args']]}")
            elif what == "Log.entryAdded":
                found.append(said["entry"]["text"])
        return found

    def requests(self) -> list[str]:
        """Addresses that the page asked for."""
        sent = (e for e in self.events if e["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in sent]

    # -- the protocol ---------------------------------------------------------------------------

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a message and return its answer; events on the way are kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        try:
            os.write(self._out, json.dumps(message).encode() + b"\0")
        except BrokenPipeError as error:
            raise BrowserError(f"{method}: the browser has ended") from error
        while True:
            answer = self._receive(method)
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return answer["result"]

    def _wait_for(self, event: str) -> None:
        while not any(seen["method"] == event for seen in self.events):
            self._receive(event)

    def _receive(self, waiting_for: str) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(end - time.monotonic(), 0.0))
            piece = os.read(self._in, 1 << 16) if ready else b""
            if not piece:
                reason = "no answer" if not ready else "the browser has ended"
                raise BrowserError(f"{waiting_for}: {reason}")
            self._buffer += piece
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "id" not in message:
            self.events.append(message)
        return message
