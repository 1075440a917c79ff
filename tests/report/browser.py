# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium over a pair of pipes: no network, no driver, nothing but Python's own library."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def program() -> str:
    """Where a Chromium is: what CHROMIUM names, or one on the PATH; or ''."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")


class Browser:
    """One page. What it asks the network for and what it complains of is kept."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="colossus-chromium-")
        (theirs_in, self.to), (self.back, theirs_out) = os.pipe(), os.pipe()
        self.process = subprocess.Popen(
            [program(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             f"--user-data-dir={self.profile.name}", "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(3, 4),
            preexec_fn=lambda: (os.dup2(theirs_in, 3), os.dup2(theirs_out, 4)))
        os.close(theirs_in)
        os.close(theirs_out)
        self.text, self.number, self.session = b"", 0, None
        self.requests, self.complaints, self.loaded = [], [], False
        target = next(t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        os.close(self.to)
        os.close(self.back)
        self.profile.cleanup()

    def message(self, until: float) -> dict:
        """The next message of the browser."""
        while b"\0" not in self.text:
            ready, _, _ = select.select([self.back], [], [], max(0, until - time.monotonic()))
            more = os.read(self.back, 1 << 20) if ready else b""
            if not more:
                raise TimeoutError("the browser does not answer" if not ready else "the browser is gone")
            self.text += more
        line, self.text = self.text.split(b"\0", 1)
        return json.loads(line)

    def note(self, message: dict) -> None:
        """Keeps what a test may want to know."""
        what, of = message.get("method"), message.get("params", {})
        if what == "Network.requestWillBeSent":
            self.requests.append(of["request"]["url"])
        elif what == "Runtime.exceptionThrown":
            thrown = of["exceptionDetails"]
            self.complaints.append(thrown.get("exception", {}).get("description", thrown["text"]))
        elif what == "Runtime.consoleAPICalled" and of["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(each.get("value", each.get("description"))) for each in of["args"]))
        elif what == "Log.entryAdded" and of["entry"]["level"] in ("error", "warning"):
            self.complaints.append(of["entry"]["text"])
        elif what == "Page.loadEventFired":
            self.loaded = True

    def ask(self, method: str, **parameters) -> dict:
        """Calls a method of the DevTools protocol."""
        self.number += 1
        call = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            call["sessionId"] = self.session
        os.write(self.to, json.dumps(call).encode() + b"\0")
        until = time.monotonic() + 120
        while True:
            message = self.message(until)
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.note(message)

    def look(self, width: int, dark: bool, height: int = 900) -> None:
        """From now on the page is so wide, in a light or a dark world. Narrow is a phone."""
        phone = width < 600
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1,
                 mobile=phone)
        self.ask("Emulation.setTouchEmulationEnabled", enabled=phone)
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, path: str) -> float:
        """Opens a file; the seconds until it is drawn."""
        began, self.loaded = time.monotonic(), False
        self.requests.clear()
        self.complaints.clear()
        self.ask("Page.navigate", url="file://" + os.path.abspath(path))
        while not self.loaded:
            self.note(self.message(began + 120))
        self.value("new Promise(done => requestAnimationFrame(() => setTimeout(() => done(1), 0)))")
        return time.monotonic() - began

    def value(self, expression: str):
        """What an expression is, on the page."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"].get("description"))
        return found["result"].get("value")

    def picture(self, path: str) -> None:
        """The whole page as a PNG."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def paper(self, path: str) -> None:
        """The page as printed."""
        made = self.ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True, paperWidth=8.27, paperHeight=11.69)
        with open(path, "wb") as file:
            file.write(base64.b64decode(made["data"]))
