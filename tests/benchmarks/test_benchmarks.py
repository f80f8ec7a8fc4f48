"""Tests that the benchmarks run. No test depends on how fast anything is."""

import json

import pytest

from tests.benchmarks.__main__ import main


def test_a_benchmark_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "filter"])
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["what", "measured", "aim"]
    assert lines
    assert all(line.startswith("filter: ") and line.endswith(("ok", "over")) for line in lines)


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["nothing"])
    assert "unknown benchmark: nothing (choose from start," in capsys.readouterr().err


def test_json_output_has_one_result_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--json", "filter"])
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {result["unit"] for result in results} == {"ms"}
    assert all(result["measured"] > 0 for result in results)


def test_the_trace_counts_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--json", "trace"])
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(results) == 9
    assert all(result["measured"] > 5 for result in results)
