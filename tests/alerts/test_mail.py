"""Mail to a real SMTP server: secured, repeatable, safe, and honest about what the server said."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts import mail
from alerts.delivery import deliver_due
from alerts.digest import compose_digest
from alerts.letterhead import Letterhead
from alerts.mail import MailDeliverer, SmtpServer
from alerts.mail_content import MailContent, compose_alert
from records.digest import Digest
from records.errors import DeliveryDelayed, DeliveryRefused
from records.message import Address, Channel, Letter, Message, NoticeItem, NoticeKind
from tests.alerts.conftest import HOSTILE, MakeMessage, MakeNotice
from tests.support.desk_records import NOW
from tests.support.mail_server import PASSWORD, USER, RunningMailServer, mail_server, make_certificate
from tests.support.memory_outbox import MemoryOutbox

SENDER = "Tin3C <tin3c@soyte.example>"
TO = "truc-ban@soyte.example"


@pytest.fixture
def running() -> Iterator[RunningMailServer]:
    with mail_server() as server:
        yield server


def plain(running: RunningMailServer) -> SmtpServer:
    return SmtpServer(running.host, running.port, SENDER, security="none")


def test_a_mail_has_both_parts_and_its_thread(
    running: RunningMailServer, letterhead: Letterhead, make_message: MakeMessage
) -> None:
    first = make_message("case:n1:high:mail:x", Channel.MAIL, TO)
    second = make_message("case:n1:critical:mail:x", Channel.MAIL, TO, kind=NoticeKind.LEVEL_RAISED)
    outbox = MemoryOutbox.holding([first, second])
    deliverer = MailDeliverer(plain(running), letterhead)
    assert deliver_due(outbox, {Channel.MAIL: deliverer}, lambda: NOW).delivered == 2
    head, reply = running.mailbox.mails
    assert head["Subject"].startswith("[Tin3C] Vụ việc mới, rủi ro cao: Uống nước lá đu đủ")
    assert (head["To"], head["From"]) == (TO, SENDER)
    assert head["Auto-Submitted"] == "auto-generated"
    assert reply["In-Reply-To"] == reply["References"] == head["Message-ID"] != reply["Message-ID"]
    for part in ("plain", "html"):
        body = head.get_body((part,))
        assert body is not None
        for said in ("3/6 – nhiều nền tảng và nhiều cộng đồng", "ệ thống gợi ý", "ang tăng: 4 tin"):
            assert said in body.get_content()
    assert socket.gethostname() not in str(head)


def test_a_repeat_after_a_crash_repeats_the_message_id(
    running: RunningMailServer, letterhead: Letterhead, make_message: MakeMessage
) -> None:
    message = make_message("key", Channel.MAIL, TO)
    outbox = MemoryOutbox.holding([message])
    outbox.crash_for = {"key"}
    deliverers = {Channel.MAIL: MailDeliverer(plain(running), letterhead)}
    with pytest.raises(KeyboardInterrupt):
        deliver_due(outbox, deliverers, lambda: NOW)
    assert deliver_due(outbox, deliverers, lambda: NOW).delivered == 1
    sent = running.mailbox.mails
    assert len(sent) == 2 and sent[0]["Message-ID"] == sent[1]["Message-ID"] and sent[0]["Date"] == sent[1]["Date"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 Try again later", DeliveryDelayed),
        ("421 Closing", DeliveryDelayed),
        ("550 No such user", DeliveryRefused),
        ("554 Spam", DeliveryRefused),
    ],
)
def test_what_the_server_answers(
    running: RunningMailServer, letterhead: Letterhead, make_message: MakeMessage, answer: str, error: type
) -> None:
    message = make_message("key", Channel.MAIL, TO)
    deliverer = MailDeliverer(plain(running), letterhead)
    running.mailbox.answers = [answer]
    with pytest.raises(error, match=answer[:3]):
        deliverer.deliver(message, None)
    running.mailbox.refuse_recipient = answer
    with pytest.raises(error, match=answer[:3]):
        deliverer.deliver(message, None)
    assert running.mailbox.mails == []


def test_starttls_is_verified_and_never_done_without(
    tmp_path: Path, letterhead: Letterhead, make_message: MakeMessage
) -> None:
    message = make_message("key", Channel.MAIL, TO)
    certificate = make_certificate(tmp_path)
    with mail_server(certificate, login=True) as running:
        server = SmtpServer(running.host, running.port, SENDER, user=USER, password=PASSWORD)
        trusting = replace(server, certificates=str(certificate.authority))
        with pytest.raises(DeliveryRefused, match="certificate is not valid"):
            MailDeliverer(server, letterhead).deliver(message, None)
        with pytest.raises(DeliveryRefused, match="535"):
            MailDeliverer(replace(trusting, password="sai"), letterhead).deliver(message, None)
        MailDeliverer(trusting, letterhead).deliver(message, None)
        mail.check(trusting)
        assert running.mailbox.secured == [True] and len(running.mailbox.mails) == 1
    with mail_server() as running:
        server = SmtpServer(running.host, running.port, SENDER)
        with pytest.raises(DeliveryRefused, match="does not offer"):
            MailDeliverer(server, letterhead).deliver(message, None)
        assert running.mailbox.mails == []


def test_a_certificate_for_another_address_is_not_taken(
    tmp_path: Path, letterhead: Letterhead, make_message: MakeMessage
) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.2")
    with mail_server(certificate) as running:
        server = SmtpServer(running.host, running.port, SENDER, certificates=str(certificate.authority))
        with pytest.raises(DeliveryRefused, match="certificate is not valid"):
            MailDeliverer(server, letterhead).deliver(make_message("key", Channel.MAIL, TO), None)


def test_nobody_at_home_is_tried_again(letterhead: Letterhead, make_message: MakeMessage) -> None:
    with mail_server() as running:
        server = plain(running)
    with pytest.raises(DeliveryDelayed):
        MailDeliverer(server, letterhead).deliver(make_message("key", Channel.MAIL, TO), None)


@pytest.mark.parametrize(
    "recipient",
    [
        "a@b.example\r\nBcc: x@y.example",
        "a@b.example, c@d.example",
        "ai đó",
        "",
        "a@b@c",
        "a@b.example\x00",
    ],
)
def test_an_address_is_one_address(letterhead: Letterhead, make_message: MakeMessage, recipient: str) -> None:
    server = SmtpServer("127.0.0.1", 1, SENDER)
    with pytest.raises(DeliveryRefused, match="address"):
        MailDeliverer(server, letterhead).deliver(make_message("key", Channel.MAIL, recipient), None)


def test_headers_cannot_be_added_and_nothing_is_read_as_markup(make_notice: MakeNotice, letterhead: Letterhead) -> None:
    title = f"Tiêu đề\r\nBcc: x@y.example\n\n{HOSTILE}"
    items = (
        NoticeItem(title, "javascript:alert(1)", title, None),
        NoticeItem(HOSTILE, "https://a.example/?q=\"'>", "", None),
    )
    notice = make_notice(title=title, first_source=HOSTILE, places=(HOSTILE,), representative=items, rule=HOSTILE)
    content = compose_alert(notice, letterhead)
    built = mail.build(SmtpServer("h", 1, SENDER), "key", TO, content, NOW)
    assert built["Bcc"] is None
    assert b"\nBcc:" not in built.as_bytes().split(b"\r\n\r\n", 1)[0]
    assert "<script" not in content.html and "javascript:" not in content.html
    assert 'href="https://a.example/?q=&#34;&#39;&gt;"' in content.html


def test_a_digest_repeats_its_message_id_per_period_and_recipient(
    running: RunningMailServer, week: Digest, letterhead: Letterhead
) -> None:
    content = compose_digest(week, "Sở Y tế", "")
    letter = Letter(content.subject, content.text, content.html, week.until)
    deliverer = MailDeliverer(plain(running), letterhead)
    for recipient in (TO, TO, "giam-doc@soyte.example"):
        key = f"digest:week:{recipient}"
        deliverer.deliver(Message(key, Address(Channel.MAIL, recipient), "digest:week", letter, NOW), None)
    assert running.mailbox.mails[0]["Subject"] == content.subject
    ids = [sent["Message-ID"] for sent in running.mailbox.mails]
    assert ids[0] == ids[1] != ids[2]


def test_long_lines_and_marks_survive(running: RunningMailServer) -> None:
    server = plain(running)
    content = MailContent("Điểm tin " * 20, "Đặng Thị Hồng " * 200, "<p>Đặng Thị Hồng</p>" * 200)
    mail.send(server, "key", mail.build(server, "key", TO, content, NOW))
    got = running.mailbox.mails[0].get_body(("plain",))
    assert got is not None and got.get_content().strip() == content.text.strip()
