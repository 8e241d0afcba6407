#!/usr/bin/env python3
"""Checks who may include whom (CONTRIBUTING.md, "Layers"). One line per violation; exit status 1 when there is one."""

import pathlib
import re
import subprocess
import sys

ASIO = r"boost/(asio|beast)(/|\.hpp)"

# Files whose path matches the first pattern must not include what matches the second.
RULES = [
    (r"(core|providers|proxy)/", r"(tools|tests|bench)/", "product code uses no tool, test or benchmark"),
    (r"core/", r"(providers|proxy)/", "core knows nothing of models, endpoints or providers"),
    (r"core/(base|json|http)/", r"core/(net|db)/", "core/base, core/json and core/http do no I/O"),
    (r"core/db/", r"core/(?!base/|db/)", "core/db uses core/base only"),
    (r"providers/", r"(core/net|core/db|proxy)/", "providers are pure: no I/O, no proxy"),
    (
        r"proxy/model/",
        r"(?!core/base/|providers/|proxy/model/)(core|providers|proxy)/",
        "model uses core/base and providers",
    ),
    (
        r"proxy/govern/",
        r"(?!core/base/|proxy/(model|govern)/)(core|providers|proxy)/",
        "govern uses core/base and model",
    ),
    (r"proxy/observe/", r"proxy/(data|control|govern)/", "observe uses core and model"),
    (
        r"proxy/openapi/",
        r"(?!core/base/|core/json/|providers/|proxy/openapi/)(core|providers|proxy)/",
        "openapi uses core and providers",
    ),
    (r"proxy/(model|govern|observe|data)/", r"proxy/openapi/", "openapi is for control"),
    (r"proxy/data/", r"proxy/control/", "the two planes meet in proxy/model only"),
    (r"proxy/control/", r"proxy/data/", "the two planes meet in proxy/model only"),
    (r"tools/provider/", r"(providers|proxy)/", "the simulated provider speaks its own dialects"),
    # asio_impl.cpp and beast_impl.cpp stand in core/net; the composition root is proxy/gateway.hpp and proxy/*.cpp.
    (
        r"(?!core/net/|proxy/(data|control)/|proxy/gateway\.hpp|proxy/[^/]+\.cpp$|tools/|tests/|bench/)",
        ASIO,
        "no Asio or Beast here",
    ),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def sources(top: pathlib.Path) -> list[str]:
    """Tracked files and those not yet added; what .gitignore names is left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", "*.cpp", "*.hpp"],
        cwd=top,
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted({name for name in listed.stdout.splitlines() if (top / name).is_file()})


def violations(name: str, text: str) -> list[str]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        include = INCLUDE.match(line)
        if include is None:
            continue
        for where, what, why in RULES:
            if re.match(where, name) and re.match(what, include[1]):
                found.append(f"{name}:{number}: includes {include[1]}: {why}")
    return found


def main() -> int:
    top = pathlib.Path(__file__).resolve().parent.parent
    names = sources(top)
    found = [line for name in names for line in violations(name, (top / name).read_text(encoding="utf-8"))]
    print("\n".join(found) if found else f"{len(names)} files checked")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
