"""Checks installed packages for known holes and for their licences: `python .ci/audit.py SITE-PACKAGES`.

The running Python needs `packaging` and `pip-audit`. Where the service of pip-audit does not answer, the advisories in
`dependencies.toml` alone decide, and they must not be too old. Prints what was checked, and fails if anything is wrong.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

from packaging.specifiers import SpecifierSet

FILE = Path(__file__).with_name("dependencies.toml")
SERVICE_SECONDS = 60
"""How long pip-audit may take; it asks about one package after another."""
INSTALLERS = frozenset({"pip", "setuptools"})
"""What `venv` puts into an environment: Python's own, and not needed by the program."""
LICENCE_CLASSIFIER = "License :: "


class Package(NamedTuple):
    """An installed package."""

    name: str
    """As PyPI writes it: lower case, with hyphens."""
    version: str
    licence: str
    """As the package says it: an SPDX expression, or words."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class ServiceResult(NamedTuple):
    """What the service said."""

    audited: int
    """How many packages it knows."""
    findings: list[tuple[str, frozenset[str]]]
    """Packages with the names of one advisory each."""


def read_packages(site: Path) -> list[Package]:
    """Return the packages that are installed in a folder, without those that are being developed there."""
    found = {}
    for distribution in distributions(path=[str(site)]):
        if "dir_info" not in json.loads(distribution.read_text("direct_url.json") or "{}"):
            name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
            if name not in INSTALLERS:
                found[name] = Package(name, distribution.version, read_licence(distribution))
    return sorted(found.values())


def read_licence(distribution: Distribution) -> str:
    """Return a package's licence as its metadata says it; "" if it does not."""
    metadata = distribution.metadata
    words = metadata.get("License-Expression") or metadata.get("License") or ""
    classifiers = [text for text in metadata.get_all("Classifier") or [] if text.startswith(LICENCE_CLASSIFIER)]
    if (not words or "\n" in words) and classifiers:
        words = classifiers[-1].rpartition(" :: ")[2]
    return words.strip()


def check_licences(packages: Sequence[Package], rules: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each package whose licence is not allowed, and for each exception that is not needed."""
    needed = set()
    for package in packages:
        if is_allowed(package.licence, rules):
            continue
        if package.name in rules["exceptions"]:
            needed.add(package.name)
        else:
            yield f"{package} has the licence {package.licence or 'none'!r}, which is not allowed."
    for name in sorted({package.name for package in packages} & set(rules["exceptions"]) - needed):
        yield f"{name} needs no exception for its licence any more: remove it."


def is_allowed(licence: str, rules: Mapping[str, Any]) -> bool:
    """Whether a licence is allowed; of `A OR B` one has to be, of `A AND B` both."""
    known = rules["names"].get(licence, licence)
    return any(
        all(
            rules["names"].get(part.strip(" ()"), part.strip(" ()")) in rules["allowed"]
            for part in either.split(" AND ")
        )
        for either in known.split(" OR ")
    )


def check_file(packages: Sequence[Package], rules: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the packages that the file's advisories concern, with the names of each advisory."""
    for package in packages:
        for versions, names in rules["affected"].get(package.name, {}).items():
            if SpecifierSet(versions).contains(package.version, prereleases=True):
                yield from ((str(package), frozenset([name])) for name in names)


def check_age(rules: Mapping[str, Any], today: date) -> Iterator[str]:
    """Yield a sentence if the file's advisories are too old to decide alone, or if their date can't be right."""
    age = (today - rules["date"]).days
    if age < 0:
        yield f"The advisories in {FILE.name} are of {rules['date']}, but today is {today}: one of both is wrong."
    if age > rules["max_age_days"]:
        yield (
            f"The advisories in {FILE.name} are {age} days old, and no service answers for every package. Renew them as"
            " the file says, or run this where pip-audit reaches its service."
        )


def ask_service(site: Path) -> ServiceResult | None:
    """Ask PyPI by pip-audit about the packages in a folder; None if it does not answer.

    Without an answer pip-audit succeeds all the same, and calls every package skipped.
    """
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "pypi", "--progress-spinner", "off"]
    try:
        ended = subprocess.run(
            [*command, "--format", "json", "--path", str(site)],
            capture_output=True,
            text=True,
            timeout=SERVICE_SECONDS,
            check=False,
        )
        said = json.loads(ended.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    audited = [package for package in said if "vulns" in package and package["name"] not in INSTALLERS]
    findings = [
        (f"{package['name']} {package['version']}", frozenset([hole["id"], *hole["aliases"]]))
        for package in audited
        for hole in package["vulns"]
    ]
    return ServiceResult(len(audited), findings) if audited else None


def report_findings(findings: Sequence[tuple[str, frozenset[str]]], accepted: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each finding that is not accepted."""
    for package, names in findings:
        if not names & accepted.keys():
            yield f"{package} has a known hole: {', '.join(sorted(names))}."


def main(site: Path) -> int:
    """Check the packages in a folder, print what is wrong, and return the exit code."""
    rules = tomllib.loads(FILE.read_text(encoding="utf-8"))
    advisories = rules["advisories"]
    packages = read_packages(site)
    if not packages:
        print(f"{site} has no packages.")
        return 2
    wrong = list(check_licences(packages, rules["licences"]))
    findings = list(check_file(packages, advisories))
    answered = ask_service(site)
    if answered is None or answered.audited < len(packages):
        wrong += check_age(advisories, datetime.now(UTC).date())
    if answered is None:
        by = f"the advisories of {advisories['date']} in {FILE.name}: pip-audit's service does not answer"
    else:
        findings += answered.findings
        by = f"pip-audit, which knows {answered.audited}, and {FILE.name}"
    wrong += dict.fromkeys(report_findings(findings, advisories["accepted"]))
    print(f"{len(packages)} packages: licences checked; holes checked by {by}.")
    for name, reason in advisories["accepted"].items():
        print(f"accepted: {name}, {reason}")
    for name, reason in rules["licences"]["exceptions"].items():
        print(f"exception: {name}, {reason}")
    print("\n".join(wrong) or "Nothing is wrong.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
