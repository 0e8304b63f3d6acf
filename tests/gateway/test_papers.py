"""Reading documents with the real readers: what fails stands alone, and a paper that is sent again is known by its pictures."""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from sample_papers import fax_mail, fax_tiff, faxed, letter, written_page
from sqlmodel import col, select

from gateway.balance import balance
from gateway.inbox_views import delivery_view, not_duplicate, reread_delivery
from gateway.intake import Intake
from gateway.opening import Opening
from gateway.papers import MOST_TRIES, Papers, Readers
from gateway.referrals import open_problems
from gateway.settings import ReadingSettings, Settings
from gateway.sorting import Sorter
from gateway.store import Store
from gateway.tables import Delivery, Document, Page, Problem, Referral
from gateway.work import Jobs
from inbox.delivery import Delivery as Arrived

pytestmark = pytest.mark.slow
ANN, BOB = "999 000 0018", "999 000 0026"
HISTORY = (f"Past history of NHS number {ANN}", "Appendicectomy in 1999, asthma since childhood.")


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    found = Readers(1, tmp_path_factory.mktemp("readers"), ReadingSettings(), [])
    yield found
    found.close()


class Office:
    """Hands files in, opens and reads them, without waiting for the engine."""

    def __init__(self, store: Store, readers: Readers, scratch: Path, settings: Settings) -> None:
        self.store, self.now = store, dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
        self.jobs = Jobs(store)
        self.intake = Intake(store, self.jobs)
        self.open = Opening(store, self.jobs, scratch, lambda: self.now)
        self.papers = Papers(store, readers, Sorter(settings), scratch, lambda: self.now)

    def receive(self, *files: bytes, subject: str = "Fax", at: dt.datetime | None = None) -> Delivery:
        code = self.intake.accept(
            Arrived(
                "smtp", fax_mail(*files, subject=subject), self.now, at or self.now, "test", sender="fax@pbx.localhost"
            )
        )
        number = self.row(code).id or 0
        self.open(number)
        self.read(code)
        return self.row(code)

    def read(self, code: str) -> None:
        for document in self.documents(code):
            self.papers(document.id or 0)

    def row(self, code: str) -> Delivery:
        with self.store.read() as session:
            return session.exec(select(Delivery).where(Delivery.code == code)).one()

    def documents(self, code: str) -> Sequence[Document]:
        with self.store.read() as session:
            query = select(Document).join(Delivery).where(Delivery.code == code).order_by(col(Document.id))
            return session.exec(query).all()

    def referrals(self, code: str) -> list[Referral]:
        with self.store.read() as session:
            found = delivery_view(session, code)["referrals"]
            return [session.exec(select(Referral).where(Referral.code == c)).one() for c in found]

    def questions(self, referral: Referral) -> dict[str, str]:
        with self.store.read() as session:
            return {problem.code: problem.says for problem in open_problems(session, referral)}

    def in_order(self) -> bool:
        with self.store.read() as session:
            return balance(session).in_order

    def close(self) -> None:
        self.intake.close()
        self.jobs.close()


@pytest.fixture
def office(store: Store, readers: Readers, tmp_path: Path, site: Settings) -> Iterator[Office]:
    found = Office(store, readers, tmp_path / "scratch", site)
    yield found
    found.close()


def with_a_giant_page(data: bytes) -> bytes:
    """The second page of a TIFF says that it is four thousand million rows long."""
    (first,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    (second,) = struct.unpack_from("<I", data, first + 2 + 12 * count)
    changed = bytearray(data)
    for entry in range(struct.unpack_from("<H", data, second)[0]):
        at = second + 2 + 12 * entry
        if struct.unpack_from("<H", data, at)[0] == 257:
            struct.pack_into("<HHII", changed, at, 257, 4, 1, 4_000_000_000)
    return bytes(changed)


def test_a_page_that_cannot_be_drawn_loses_only_itself(office: Office) -> None:
    row = office.receive(with_a_giant_page(faxed(letter(ANN), letter(BOB, "ELM"))))
    (document,) = office.documents(row.code)
    with office.store.read() as session:
        pages = session.exec(select(Page).order_by(col(Page.number))).all()
    assert document.state == "SORTED"
    assert pages[0].failure is None and "NHS" in str(pages[0].lines)
    assert pages[1].failure and pages[1].picture_sha256 is None
    (referral,) = office.referrals(row.code)
    assert "page_failed" in office.questions(referral), "a person is told which page is missing"
    assert office.in_order()


def test_a_document_of_which_nothing_can_be_drawn_waits_for_a_person(office: Office) -> None:
    row = office.receive(fax_tiff(1)[:60])
    (document,) = office.documents(row.code)
    assert document.state == "STUCK" and document.says
    assert office.in_order()


def test_a_reader_that_dies_leaves_a_work_item_and_can_be_tried_again(
    office: Office, tmp_path: Path, site: Settings, readers: Readers
) -> None:
    tiny = Readers(1, tmp_path / "tiny", ReadingSettings.model_construct(memory_mb=40), [])
    office.papers = Papers(office.store, tiny, Sorter(site), tmp_path / "scratch", lambda: office.now)
    row = office.receive(faxed(letter(ANN)))
    tiny.close()
    (document,) = office.documents(row.code)
    assert document.state == "STUCK"
    with office.store.read() as session:
        assert "memory" in (session.exec(select(Page)).one().failure or "")
    office.papers = Papers(office.store, readers, Sorter(site), tmp_path / "scratch", lambda: office.now)
    assert reread_delivery(office.store, office.jobs, row.code, "ann", office.now) == 1
    office.read(row.code)
    assert office.documents(row.code)[0].state == "SORTED" and office.referrals(row.code)
    assert office.in_order()


def test_a_document_that_never_ends_is_given_up(office: Office) -> None:
    row = office.receive(fax_tiff(1)[:60])
    with office.store.write() as session:
        document = session.exec(select(Document)).one()
        document.state, document.tries = "RECEIVED", MOST_TRIES
        session.add(document)
    office.read(row.code)
    (document,) = office.documents(row.code)
    assert document.state == "STUCK" and "never ended" in (document.says or "")


# -- sent again ---------------------------------------------------------------------------------------------------------------


def as_pdf(data: bytes) -> bytes:
    """The same fax as a fax service repacks it: greyscale, JPEG, PDF, with less resolution."""
    out, pages = io.BytesIO(), []
    with Image.open(io.BytesIO(data)) as tiff:
        for number in range(getattr(tiff, "n_frames", 1)):
            tiff.seek(number)
            pages.append(tiff.convert("L").resize((1654, 2105)))
    pages[0].save(out, "PDF", resolution=200, save_all=True, append_images=pages[1:])
    return out.getvalue()


@pytest.mark.parametrize("repack", [lambda data: data, as_pdf], ids=["tiff", "pdf"])
def test_the_same_paper_sent_again_is_a_duplicate(office: Office, repack: Callable[[bytes], bytes]) -> None:
    paper = letter(ANN)
    first = office.receive(faxed(paper, seed=1))
    again = office.receive(repack(faxed(paper, seed=2)), at=office.now - dt.timedelta(hours=1))
    assert (again.outcome, again.duplicate_of, again.duplicate_why) == (
        "duplicate", first.id, "the same pages arrived before",
    )  # fmt: skip
    assert office.referrals(again.code) == []
    (referral,) = office.referrals(first.code)
    assert referral.pathway_start == again.arrived_at, "the earliest arrival stays the clock start"
    with office.store.read() as session:
        result = balance(session)
        assert (result.pages_received, result.pages_in_referrals, result.pages_set_aside) == (2, 1, 1)
        assert result.in_order
    # a person disagrees
    assert not_duplicate(office.store, office.jobs, again.code, "ann", office.now) == 1
    office.read(again.code)
    assert office.row(again.code).outcome == "documents" and len(office.referrals(again.code)) == 1
    assert office.in_order()


@pytest.mark.parametrize(
    "other",
    [
        letter(BOB, "ELM"),
        letter(ANN, why="a rash on both arms that itches at night"),
        letter(ANN, date="21 November 2026"),
        letter(ANN).copy(),
    ],
    ids=["another patient", "another ask", "another day", "a note by hand"],
)
def test_what_looks_the_same_and_is_not_is_read(
    office: Office, other: Image.Image, request: pytest.FixtureRequest
) -> None:
    if "hand" in request.node.name:
        pen = ImageDraw.Draw(other)
        for line in range(3):
            pen.line([(1100 + 40 * n, 1850 + 60 * (n % 2) + 70 * line) for n in range(12)], fill=0, width=6)
    first = office.receive(faxed(letter(ANN), seed=1))
    second = office.receive(faxed(other, seed=2))
    assert first.outcome == second.outcome == "documents"
    assert len(office.referrals(second.code)) == 1
    if "another patient" not in request.node.name:
        assert "possible_duplicate" in second.flags or office.referrals(second.code)[0].possible_duplicate_of
    assert office.in_order()


def boxes(ticked: int) -> Image.Image:
    """A letter with three boxes beneath it, one of them ticked."""
    page = letter(ANN).copy()
    pen = ImageDraw.Draw(page)
    for n in range(3):
        pen.rectangle((300 + 300 * n, 1900, 328 + 300 * n, 1928), outline=0, width=3)
        if n == ticked:
            pen.line((305 + 300 * n, 1914, 312 + 300 * n, 1924, 325 + 300 * n, 1903), fill=0, width=5)
    return page


def test_another_box_ticked_is_another_ask(office: Office) -> None:
    first = office.receive(faxed(boxes(1), seed=1))
    assert office.receive(faxed(boxes(1), seed=2)).duplicate_of == first.id
    other = office.receive(faxed(boxes(2), seed=3))
    assert other.outcome == "documents" and len(office.referrals(other.code)) == 1


def test_a_page_that_was_read_before_its_boxes_were_kept_proves_nothing(office: Office) -> None:
    first = office.receive(faxed(letter(ANN), seed=1))
    with office.store.write() as session:
        page = session.exec(select(Page)).one()
        page.ticks = None
        session.add(page)
    second = office.receive(faxed(letter(ANN), seed=2))
    assert (second.outcome, second.duplicate_of, second.duplicate_why) == ("documents", first.id, "it looks alike")


def test_two_blank_sheets_prove_nothing(office: Office) -> None:
    blank = Image.new("L", (1728, 2200), 255)
    office.receive(faxed(blank, seed=1))
    assert office.receive(faxed(blank, seed=2)).outcome == "documents"


def test_a_call_that_broke_and_its_repeat_name_each_other(office: Office) -> None:
    pages = [letter(ANN), written_page(*HISTORY, "Medicines: aspirin 75 mg.", "Allergies: none."),
             written_page("Blood results of 12 November 2026", "Haemoglobin 131 g/L, sodium 140 mmol/L.")]  # fmt: skip
    broken = office.receive(faxed(*pages[:2], seed=1))
    whole = office.receive(faxed(*pages, seed=2))
    assert whole.outcome == "documents" and whole.duplicate_of == broken.id and "possible_duplicate" in whole.flags
    (first,), (second, *_) = office.referrals(broken.code), office.referrals(whole.code)
    assert (
        "page 3 did not" in office.questions(second)["sent_before"]
        and first.code in office.questions(second)["sent_before"]
    )
    assert second.code in office.questions(first)["sent_again"]
    assert office.in_order()


def test_a_repeat_that_broke_is_a_duplicate_of_the_whole(office: Office) -> None:
    pages = [
        letter(ANN),
        written_page(*HISTORY),
    ]
    whole = office.receive(faxed(*pages, seed=1))
    again = office.receive(faxed(pages[0], seed=2))
    assert (again.outcome, again.duplicate_of) == ("duplicate", whole.id)


def test_a_supplement_is_tied_to_its_referral_and_starts_no_clock(office: Office) -> None:
    first = office.receive(faxed(letter(ANN), seed=1))
    office.now += dt.timedelta(days=3)
    (referral,) = office.referrals(first.code)
    more = written_page(
        "CASTLE HILL SURGERY, 12 Castle Hill, Leeds LS1 1AA", "Date: 23 November 2026", "Dear Colleague,",
        "Re: Mrs Ann ASHDOWN    Date of birth: 1 February 1980", f"NHS number: {ANN}",
        "Further to my referral of 20 November, please find", "enclosed the result of the echocardiogram.",
        "Priority: Routine", "Yours sincerely,", "Dr Cora Cawood",
    )  # fmt: skip
    second = office.receive(faxed(more, seed=2))
    (supplement,) = office.referrals(second.code)
    assert referral.code in office.questions(supplement)["supplement"]
    assert supplement.possible_duplicate_of == referral.id and supplement.state == "IN_REVIEW"
    assert supplement.pathway_start == referral.pathway_start, "it starts no clock of its own"


def test_questions_are_asked_once(office: Office) -> None:
    office.receive(faxed(letter(ANN), seed=1))
    office.receive(faxed(letter(ANN, date="21 November 2026"), seed=2))
    with office.store.read() as session:
        asked = [(p.referral_id, p.code, p.field, p.page_id) for p in session.exec(select(Problem))]
    assert len(asked) == len(set(asked))
