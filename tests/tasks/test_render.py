"""Render: what a partner reads is what the statement says, in every language, whatever their clients are called."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from models.canonical import sha256
from models.progress import watching, working
from models.statement import Statement
from models.vendor import LOCALES
from tasks.documents.statement_view import rule_view
from tasks.documents.typesetting import TEMPLATES
from tasks.documents.wording import wording
from tasks.render import render
from tests.templates.drawn import drawn
from tests.templates.every_way import every_way
from tests.templates.examples import below_minimum, graduated, many, named, negative, nothing, statement, volume
from tests.told import Told

HOSTILE = [
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "</title><img src=x onerror=alert(1)>",
    '#read("/etc/passwd")',
    '"; #read("/etc/passwd"); #"',
    "]; #panic(1); [",
    "$x^2$ *bold* _em_ `raw` // no /* no */ @ref",
    "\\u{41} \\n \\",
    "{{ 7 * 7 }} {% raw %}",
    "../../etc/passwd",
    "= - + 1. /",
]

needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed: PDF text cannot be read back"
)


class Page(HTMLParser):
    """The elements, attributes and text of an HTML document."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def pdf_text(pdf: bytes) -> str:
    """The text of a PDF, on one line: where a line was broken is no matter."""
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return read.stdout.decode()


def squeezed(text: str) -> str:
    """Text without any white space: documents break lines, words and columns where they like."""
    return "".join(text.split())


def amounts(value: Any, name: str = "") -> Iterator[tuple[str, int]]:
    """Every amount of a statement, with the name of its field."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from amounts(inner, key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from amounts(inner, name)
    elif name.endswith("_minor") and value is not None:
        yield name, value


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("example", [volume, graduated, below_minimum, negative, nothing, every_way])
def test_a_statement_has_its_three_documents_in_every_language(example: Any, locale: str) -> None:
    made = drawn(example(locale))

    assert list(made) == ["statement.json", "statement.html", "statement.pdf"]
    assert made["statement.json"] == example(locale).to_bytes()
    assert f'<html lang="{locale}">' in made["statement.html"].decode()
    assert made["statement.pdf"].startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ["Commission statement", "January 2026", "To pay", "No. 2026-000017", "78,222.22", "Not paid yet"]),
        ("pl", ["Rozliczenie prowizji", "styczeń 2026", "Do wypłaty", "Nr 2026-000017", "78 222,22", "Jeszcze nie"]),
        ("ru", ["Расчёт вознаграждения", "январь 2026", "К выплате", "№ 2026-000017", "78 222,22", "Ещё не оплачено"]),
    ],
)
@needs_pdftotext
def test_a_partner_reads_the_statement_in_their_language(locale: str, words: list[str]) -> None:
    made = drawn(volume(locale))
    html, pdf = squeezed(Page(made["statement.html"]).text), squeezed(pdf_text(made["statement.pdf"]))

    for word in map(squeezed, words):
        assert word in html
        assert word in pdf


@pytest.mark.parametrize("example", [volume, graduated, negative, many])
@needs_pdftotext
def test_every_amount_of_a_statement_can_be_read_in_it(example: Any) -> None:
    issued: Statement = example()
    made = drawn(issued)
    html, pdf = Page(made["statement.html"]).text, pdf_text(made["statement.pdf"])

    for name, minor in set(amounts(issued.model_dump())):
        shown = f"{Decimal(minor) / 100:,.2f}".replace("-", "−")
        # The payout minimum is named where it explains something; a rounding or a gain of nothing is left out.
        # What is to pay is an entry that takes it off the balance, and is shown as what is paid.
        if (name, minor) == ("amount_minor", -issued.summary.to_pay_minor):
            continue
        if name != "minimum_minor" and (minor or name not in ("rounding_minor", "gain_minor")):
            assert shown in html, name
            assert shown in pdf, name


@needs_pdftotext
def test_the_first_page_says_which_tier_was_reached_and_what_the_next_would_have_changed() -> None:
    made = drawn(volume())
    sentence = (
        "Tier 3: 12% from 300,000.00. Measured by telephony, numbers: 644,800.00. "
        "Next tier: 15% from 1,000,000.00. 355,200.00 more would have reached it. "
        "The base of this month would then have earned 9,000.00 more."
    )

    html, pdf = squeezed(Page(made["statement.html"]).text), squeezed(pdf_text(made["statement.pdf"]))

    for part in sentence.split(". "):
        assert squeezed(part) in html
        assert squeezed(part) in pdf


def test_graduated_tiers_show_each_slice_and_the_rate_they_came_to() -> None:
    html = Page(drawn(graduated())["statement.html"]).text

    for shown in ("100,000.00", "8%", "8,000.00", "200,000.00", "10%", "20,000.00", "≈ 9.33%", "the whole bill"):
        assert shown in html


@pytest.mark.parametrize(
    ("base_minor", "exact", "shown"),
    [
        (30_000_000, "28000.000000", "≈ 9.33%"),
        (20_000, "20.009999", "≈ 10%"),
        (20_000, "20.010000", "≈ 10.01%"),
        (-20_000, "-20.010000", "≈ 10.01%"),
        (0, "0.000000", "—"),
    ],
)
def test_an_effective_rate_is_rounded_to_two_decimals(base_minor: int, exact: str, shown: str) -> None:
    rule = graduated().rules[1].model_copy(update={"base_minor": base_minor, "exact": exact})

    assert rule_view(rule, graduated(), wording("en")).rate == shown


@pytest.mark.parametrize(
    ("measure", "share"), [(-1, 0), (0, 0), (29_999_999, 0), (30_000_000, 0), (65_000_000, 500), (99_999_999, 999)]
)
def test_the_bar_shows_how_far_the_next_tier_is(measure: int, share: int) -> None:
    rule = volume().rules[1]
    assert rule.tier is not None
    at = rule.model_copy(update={"tier": rule.tier.model_copy(update={"measure_minor": measure})})

    assert rule_view(at, volume(), wording("en")).tier_share == share


def test_the_highest_tier_has_no_next_one() -> None:
    rule = volume().rules[1]
    assert rule.tier is not None
    top = rule.model_copy(update={"tier": rule.tier.model_copy(update={"next": None})})
    html = Page(drawn(statement("en", (top,), payments=volume().payments[4:]))["statement.html"]).text

    assert "The highest tier is reached." in html
    assert "Next tier" not in html


def test_a_balance_below_the_minimum_names_the_minimum() -> None:
    html = Page(drawn(below_minimum())["statement.html"]).text

    assert "The balance is below the payout minimum of 5,000.00." in html


def test_a_negative_balance_says_that_it_is_carried() -> None:
    html = Page(drawn(negative())["statement.html"]).text

    assert "The balance is negative." in html
    assert "−8,666.65" in html


@pytest.mark.parametrize("example", [volume, nothing])
def test_a_balance_that_is_paid_or_nothing_needs_no_explanation(example: Any) -> None:
    html = Page(drawn(example())["statement.html"]).text

    assert "The balance is" not in html


@needs_pdftotext
def test_a_partner_without_payments_gets_one_complete_page() -> None:
    made = drawn(nothing())
    pdf = pdf_text(made["statement.pdf"])

    for text in (Page(made["statement.html"]).text, pdf):
        assert "No payment of your clients earned commission in January 2026." in text
        assert "0.00" in text
    assert "Page 1 of 1" in pdf


@needs_pdftotext
def test_every_page_names_the_statement_and_its_place() -> None:
    pages = pdf_text(drawn(many())["statement.pdf"]).rstrip("\f").split("\f")

    assert len(pages) > 3
    for place, page in enumerate(pages, 1):
        assert "No. 2026-000017 · P-100/2026-01/v1" in page
        assert f"Page {place} of {len(pages)}" in page


@needs_pdftotext
def test_the_document_carries_the_digest_that_sha256sum_prints() -> None:
    made = drawn(volume())
    digest = sha256(made["statement.json"])

    assert digest in made["statement.html"].decode()
    assert digest in pdf_text(made["statement.pdf"])


def test_a_name_that_cannot_be_printed_is_named_with_its_partner(caplog: pytest.LogCaptureFixture) -> None:
    issued = named("漢字 \U0001f600 Ltd")
    made = render([issued.to_bytes()])
    assert made.failed == {}
    assert "漢字 \U0001f600 Ltd" in made.documents["P-100"]["statement.html"].decode()
    assert [each.getMessage() for each in caplog.records if each.levelname == "WARNING"] == [
        f"statement {issued.number} of P-100: the PDF shows □ for 字 U+5B57, 漢 U+6F22, \U0001f600 U+1F600, which its "
        "fonts do not have, in '漢字 \U0001f600 Ltd'. HTML and JSON show them."
    ]


def test_names_that_can_be_printed_are_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert render([named("Ёлка ₽ Żółw").to_bytes()]).failed == {}
    assert [each for each in caplog.records if each.levelname == "WARNING"] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_ever_text_on_the_screen(name: str) -> None:
    harmless, page = Page(drawn(named("Acme"))["statement.html"]), Page(drawn(named(name))["statement.html"])

    assert page.tags == harmless.tags
    assert [key for key, _ in page.attributes] == [key for key, _ in harmless.attributes]
    assert page.text.count(name) == harmless.text.count("Acme")


def test_the_html_runs_nothing_and_fetches_nothing() -> None:
    page = Page(drawn(volume())["statement.html"])

    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    assert not {"src", "href", "srcset", "action"} & {key for key, _ in page.attributes}
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


@pytest.mark.parametrize("name", HOSTILE)
@needs_pdftotext
def test_a_name_is_only_ever_text_on_paper(name: str) -> None:
    text = pdf_text(drawn(named(name))["statement.pdf"])

    assert squeezed(name) in squeezed(text)
    assert "root:" not in text


@pytest.mark.parametrize("name", ["", " ", "Ltd. " * 100, "x" * 3000, "שלום بالعالم", "漢字 🎉", "a\u202eb\tc\nd\x00"])
def test_a_strange_name_costs_nobody_their_statement(name: str) -> None:
    assert render([named(name).to_bytes()]).failed == {}


@needs_pdftotext
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "name", ["Северсельхозкомплектмонтажсервис" * 3, "INV-2026-000123-" * 6, "one_long_category_name" * 3]
)
def test_a_long_name_is_broken_without_putting_anything_into_it(name: str, locale: str) -> None:
    # Narrow columns tear it apart on the page; in reading order it is whole.
    words = subprocess.run(
        ["pdftotext", "-raw", "-", "-"],
        input=drawn(named(name, locale))["statement.pdf"],
        capture_output=True,
        check=True,
    ).stdout.decode()

    assert squeezed(words).count(name) >= 6


@pytest.mark.parametrize(("currency", "digits", "shown"), [("JPY", 0, "7,822,222"), ("KWD", 3, "7,822.222")])
def test_a_statement_has_the_digits_of_its_currency(currency: str, digits: int, shown: str) -> None:
    issued = volume().model_copy(update={"currency": currency, "minor_digits": digits})

    assert shown in Page(drawn(issued)["statement.html"]).text


def test_the_same_statement_gives_the_same_bytes() -> None:
    assert drawn(volume("ru")) == drawn(volume("ru"))


def test_another_process_in_another_country_gives_the_same_bytes() -> None:
    program = (
        "from tests.templates.drawn import drawn; from tests.templates.examples import graduated;"
        "from models.canonical import sha256; print(*map(sha256, drawn(graduated('ru')).values()))"
    )
    abroad = os.environ | {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    printed = subprocess.run(
        [sys.executable, "-c", program], env=abroad, cwd=TEMPLATES.parent, capture_output=True, text=True, check=True
    )

    assert printed.stdout.split() == [sha256(data) for data in drawn(graduated("ru")).values()]


def test_a_pdf_is_dated_by_the_approval_and_made_to_last() -> None:
    pdf = drawn(volume())["statement.pdf"]

    assert b"<xmp:CreateDate>2026-02-03T03:00:00" in pdf
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("example", [volume, every_way])
@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="pdffonts (poppler-utils) is not installed")
def test_every_letter_and_sign_of_a_language_is_in_the_font_we_ship(example: Any, locale: str) -> None:
    pdf = drawn(example(locale))["statement.pdf"]
    listed = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True).stdout.decode()

    assert {line.split()[0].partition("+")[2] for line in listed.splitlines()[2:]} == {
        "IBMPlexSans-Regular",
        "IBMPlexSans-SemiBold",
    }


def broken(partner_id: str, **change: Any) -> bytes:
    good = volume()
    partner = good.partner.model_copy(update={"partner_id": partner_id})
    return good.model_copy(update={"partner": partner, **change}).to_bytes()


def test_a_statement_that_cannot_be_rendered_is_named_and_the_others_are_made() -> None:
    lost = volume().payments[0].model_copy(update={"rule": "hardware"})
    made = render(
        [
            broken("P-1"),
            broken("P-2", payments=(lost,)),
            broken("P-3", base="gross_of_everything"),
            broken("P-4", approved=volume().approved.model_copy(update={"at": "yesterday"})),
            broken("P-5").replace(b'"plan":"integrator"', b'"plan":"\\ud800"'),
            broken("P-6"),
            broken("P-7").replace(b'"format":2', b'"format":99'),
            broken("P-8")[:-20],
        ]
    )

    lost_its_name = next(name for name in made.failed if name.startswith("a partner"))
    assert sorted(made.documents) == ["P-1", "P-6"]
    assert sorted(made.failed) == ["P-2", "P-3", "P-4", "P-5", "P-7", lost_its_name]
    assert made.failed["P-2"].startswith("CannotRender: P-100/2026-01/v1: payments under hardware, a rule without")
    assert "templates/wording/en.yaml has no text for 'base_is.gross_of_everything'" in made.failed["P-3"]
    assert "yesterday" in made.failed["P-4"]
    assert "UnicodeEncodeError" in made.failed["P-5"]
    assert made.failed["P-7"].startswith("UnreadableStatement: statement P-100/2026-01/v1 is of format 99, and this")
    assert lost_its_name == f"a partner without a name (SHA-256 {sha256(broken('P-8')[:-20])})"
    assert "they are not JSON" in made.failed[lost_its_name]


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[1] / "fixtures/statements").glob("*/*-ru.json")), ids=lambda file: file.stem
)
def test_what_was_issued_is_kept_byte_for_byte_whatever_its_format(file: Path) -> None:
    (made,) = render([file.read_bytes()]).documents.values()

    assert made["statement.json"] == file.read_bytes()
    assert sha256(file.read_bytes()) in made["statement.html"].decode()


def test_each_statement_is_told_as_it_is_made_also_one_that_fails() -> None:
    told = Told()
    with watching(told), working("documents", 3, "partners"):
        render([broken("P-1"), b"{}", broken("P-2")])
    assert [(work.done, work.of) for work in told.works] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_reason_without_words_fails_its_partner_only() -> None:
    item = volume().not_included[0].model_copy(update={"reason": "eaten by the dog"})
    made = render([broken("P-1", not_included=(item,)), broken("P-2")])

    assert made.failed == {
        "P-1": "MissingWording: templates/wording/en.yaml has no text for 'reason.eaten by the dog': add it there."
    }
    assert list(made.documents) == ["P-2"]


def test_a_list_too_long_for_a_screen_says_so_and_is_whole_in_the_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.render.PAGE_ROWS", 25)
    made = drawn(many(clients=26, lines=26))
    html = Page(made["statement.html"]).text

    assert html.count("Shown here are the first 25 of 26 rows. The file statement.json has them all.") == 2
    assert "INV-00024" in html
    assert "INV-00025" not in html
    assert "Total, payments: 26" in html
    assert b"INV-00025" in made["statement.json"]
    monkeypatch.setattr("tasks.render.PAGE_ROWS", 30)  # as many as the longest list has
    assert "Shown here" not in Page(drawn(many(clients=26, lines=26))["statement.html"]).text


@needs_pdftotext
def test_a_list_too_long_to_print_says_so_and_is_whole_on_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.render.MOST_ROWS", 25)
    monkeypatch.setattr("tasks.render.FEW_ROWS", 25)
    made = drawn(many(clients=25, lines=26))
    html, pdf = Page(made["statement.html"]).text, pdf_text(made["statement.pdf"])

    assert [invoice for invoice in ("INV-00000", "INV-00024", "INV-00025") if invoice in html] == [
        "INV-00000",
        "INV-00024",
        "INV-00025",
    ]
    assert pdf.count("INV-") == 25
    assert "Printed here are the first 25 of 26 rows." in pdf
    assert "of 25 rows" not in pdf
    assert "Total, payments: 26" in pdf
