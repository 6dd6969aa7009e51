"""The curl commands of docs/api.md work as they stand, one after the other."""

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.papers.signing import plain

DOC = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"```sh\n(curl .*?)```", re.DOTALL)


def commands():
    return BLOCK.findall(DOC.read_text())


def sent(command, known):
    """Carry out a curl command by Django's own client."""
    for name, value in known.items():
        command = command.replace(f"${name}", value)
    words = iter(shlex.split(command)[1:])
    method, headers, data, form, url = "GET", {}, None, {}, ""
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                data = next(words)
            case "-F":
                name, _, value = next(words).partition("=")
                form[name] = SimpleUploadedFile(value[1:], plain()) if value.startswith("@") else value
            case _:
                assert not word.startswith("-"), word
                url = word
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    kind = headers.pop("Content-Type", None)
    client = Client()
    if method == "GET":
        return client.get(path, headers=headers)
    if form:
        return client.post(path, form, headers=headers)
    return client.post(path, data, content_type=kind, headers=headers)


def test_the_examples_in_order(machine, settings, tmp_path):
    settings.UPLOADS = tmp_path
    known = {"TOKEN": machine.token, "MOTCUA": "http://office", "DOSSIER": ""}
    answers = []
    for command in commands():
        response = sent(command, known)
        assert response.status_code in (200, 201), (command, response.content.decode())
        answers.append(response.json())
        if '/api/v1/dossiers"' in command:
            known["DOSSIER"] = str(answers[-1]["dossier"])
    assert len(answers) >= 9
    # The procedure was found by everyday words, the dossier came to its end.
    assert answers[1]["total"] == 1
    assert [answer["state"] for answer in answers if "version" in answer][-1] == "result_ready"
    # By the day, and so by what had been received: the figures are there.
    assert answers[-1]["total"]["figures"]["closing"]["overdue"] == 0


def test_the_table_of_statuses_is_the_interfaces_own():
    from motcua.api.problems import TITLES

    told = {int(n) for line in re.findall(r"^\| ([\d, ]+) \|", DOC.read_text(), re.MULTILINE) for n in line.split(",")}
    assert told == set(TITLES)
