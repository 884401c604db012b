"""Reports as mail servers, providers and people who press “spam” make them, about a letter of ours."""

from __future__ import annotations


def bounce(
    message_id: str,
    *,
    to: str = "ines@example.org",
    final: str | None = None,
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "550 5.1.1 no such mailbox",
    copy: str = "rfc822-headers",
) -> bytes:
    """A delivery report (RFC 3464). `copy` says in which shape the letter's head comes back; "" for not at all."""
    head = f"Message-ID: {message_id}\r\nFrom: Waymark <waymark@learn.example.org>\r\nTo: {to}\r\nSubject: Hi\r\n"
    part = f"--cut\r\nContent-Type: {_kind(copy)}\r\n\r\n{head}\r\n" if copy else ""
    return (
        "Return-Path: <>\r\nFrom: Mail Delivery System <mailer-daemon@mx.example.org>\r\n"
        "To: bounces@learn.example.org\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="cut"\r\n\r\n'
        "--cut\r\nContent-Type: text/plain\r\n\r\nI could not deliver it.\r\n\r\n"
        "--cut\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\nArrival-Date: Tue, 17 Nov 2026 09:00:00 +0000\r\n\r\n"
        f"Final-Recipient: rfc822; {final or to}\r\nOriginal-Recipient: rfc822;{to}\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; {said}\r\n\r\n"
        f"{part}--cut--\r\n"
    ).encode()


def _kind(copy: str) -> str:
    return {"rfc822-headers": "text/rfc822-headers", "rfc822": "message/rfc822", "global": "message/global"}[
        copy
    ]


def complaint(
    message_id: str, *, to: str = "ines@example.org", kind: str = "abuse", hidden: bool = False
) -> bytes:
    """A complaint (RFC 5965); some senders of them hide whom it is from."""
    return (
        "From: <feedback@mx.example.org>\r\nTo: <abuse@learn.example.org>\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="cut"\r\n\r\n'
        "--cut\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n\r\n"
        "--cut\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n"
        + ("" if hidden else f"Original-Rcpt-To: <{to}>\r\n")
        + "\r\n--cut\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: {message_id}\r\nFrom: <waymark@learn.example.org>\r\nTo: <{to}>\r\nSubject: Hi\r\n\r\nHello\r\n"
        "--cut--\r\n"
    ).encode()
