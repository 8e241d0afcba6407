#!/usr/bin/env python3
"""Prints "PASSED FAILED" for the test reports in a directory: GoogleTest's JSON and JUnit's XML files.

A skipped test is neither. A GoogleTest program that died before it wrote its report is not seen here.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def count_gtest(report: pathlib.Path) -> tuple[int, int]:
    suites = json.loads(report.read_text(encoding="utf-8"))["testsuites"]
    tests = [test for suite in suites for test in suite["testsuite"] if test["result"] == "COMPLETED"]
    failed = sum(1 for test in tests if test.get("failures"))
    return len(tests) - failed, failed


def count_junit(report: pathlib.Path) -> tuple[int, int]:
    passed = failed = 0
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is None:
            passed += 1
    return passed, failed


def main(directory: str) -> None:
    passed = failed = 0
    for report in sorted(pathlib.Path(directory).iterdir()):
        counted = {".json": count_gtest, ".xml": count_junit}.get(report.suffix)
        if counted is not None:
            more_passed, more_failed = counted(report)
            passed, failed = passed + more_passed, failed + more_failed
    print(passed, failed)


if __name__ == "__main__":
    main(sys.argv[1])
