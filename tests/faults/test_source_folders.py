"""Source folders that must not, or can hardly, become snapshots."""

from __future__ import annotations

import subprocess
import sys

from commandline import CHAIN, Project

FILES = 10_000
LARGE = 200_000_000
WRITER = """
import sys
with open(sys.argv[1], "r+b", buffering=0) as file:
    file.truncate(int(sys.argv[2]))
    print("begun", flush=True)
    value = 0
    while True:
        file.seek(0)
        file.write(bytes([value % 256]))
        value += 1
"""


def test_a_secret_is_not_kept_unless_its_owner_says_so(project: Project) -> None:
    project.write("source/.env", "TOKEN=geheim-1234\n")
    project.write("source/keys/deploy.pem", "geheim-1234\n")
    project.pipeline(CHAIN)
    result = project.run(code=2)
    assert all(text in result.err for text in (".env", "keys/deploy.pem", "look like secrets", str(project.folder / "source")))
    assert "One line in .amlignore settles each: `.env` leaves it out, `!.env` takes it in." in result.err
    assert project.runs() == []
    kept = [path for path in project.root.rglob("*") if path.is_file() and b"geheim-1234" in path.read_bytes()]
    assert kept == []
    project.write("source/.amlignore", ".env\n!keys/deploy.pem\n")
    project.run()
    project.works()


def test_a_link_that_leads_out_is_refused(project: Project) -> None:
    outside = project.write("elsewhere/private.txt", "private")
    (project.folder / "source" / "inside").symlink_to("text.txt")
    (project.folder / "source" / "shortcut").symlink_to(outside)
    project.pipeline(CHAIN)
    result = project.run(code=2)
    assert "links that lead out of it" in result.err
    assert "shortcut" in result.err
    assert "inside" not in result.err
    assert ".amlignore" in result.err
    project.write("source/.amlignore", "shortcut\n")
    project.run()
    project.works()


def test_ten_thousand_files(project: Project) -> None:
    for number in range(FILES):
        folder = project.folder / "source" / f"part{number % 100}"
        if number < 100:
            folder.mkdir()
        (folder / f"{number}.txt").write_bytes(b"%d" % number)
    count = 'CommandStep(["find . -path ./part\\\\* -type f | wc -l >", out], name="count", outputs=[out], source_directory="source")'
    project.pipeline(f'out = PipelineData("out")\npipeline = Pipeline(ws, [{count}])')
    data = project.run("--json").data
    with open(data["outputs"]["count/out"], encoding="ascii") as file:
        assert int(file.read()) == FILES
    assert project.steps()["count"]["reused"] is True
    (project.folder / "source" / "part7" / "7.txt").write_text("eight")
    assert "part7/7.txt changed" in project.run("--plan").out


def test_too_many_files_are_told_with_the_largest(project: Project) -> None:
    project.write("source/large.bin", "x" * 5000)
    project.pipeline(CHAIN)
    result = project.run(code=2, environment={"STEPWELL_SNAPSHOT_MAX_BYTES": "4000"})
    assert all(text in result.err for text in ("5,006 bytes", "4,000 are allowed", "large.bin", "STEPWELL_SNAPSHOT_MAX_BYTES"))
    assert "which is not a whole number" in project.run(code=2, environment={"STEPWELL_SNAPSHOT_MAX_BYTES": "much"}).err
    project.works()


def test_a_file_that_is_written_to_all_the_time_is_not_kept_half(project: Project) -> None:
    busy = project.write("source/busy.bin", "")
    project.pipeline(CHAIN)
    command = [sys.executable, "-c", WRITER, str(busy), str(LARGE)]  # a hole: large to read, small on the disk
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begun\n"
        try:
            result = project.run(code=2)
        finally:
            writer.kill()
    assert f"Changed while being read: {busy}" in result.err
    assert "Wait until the program that writes it is done" in result.err
    assert project.runs() == []
    busy.unlink()
    project.works()


def test_folders_that_come_and_go_meanwhile_do_no_harm(project: Project) -> None:
    project.pipeline(CHAIN)
    churn = "import os, sys\nwhile True:\n    os.makedirs(sys.argv[1] + '/a/b')\n    os.removedirs(sys.argv[1] + '/a/b')\n" \
            "    open(sys.argv[1] + '.txt', 'w').close()\n    os.unlink(sys.argv[1] + '.txt')"
    project.write("source/keep/x.txt", "")
    with subprocess.Popen([sys.executable, "-c", churn, str(project.folder / "source" / "keep" / "new")]) as churner:
        try:
            for _ in range(5):
                result = project.run("--force", code=None)
                assert result.code in (0, 2), result
                assert result.code == 0 or "Changed while being read" in result.err, result
        finally:
            churner.kill()
    project.works()
