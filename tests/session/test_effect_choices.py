"""What may be put into a chain, in the order in which it is offered."""

from synth.hosting.scan import WORKS, Verdict
from synth.session import effect_scan


def test_of_one_name_the_kind_that_has_an_editor_comes_first(monkeypatch):
    known = {kind: Verdict(f"/x.{kind}", kind, "ZamComp", kind, WORKS) for kind in ("lv2", "vst3")} | {
        "other": Verdict("/a.lv2", "lv2", "Amp", "a", WORKS), "bad": Verdict("/b.vst3", "vst3", "Aaa", "b", "crashes")}
    monkeypatch.setattr(effect_scan, "known_verdicts", lambda: known)
    found = [(choice.name, choice.kind, bool(choice.why)) for choice in effect_scan.effect_choices() if choice.kind != "builtin"]
    assert found == [("Amp", "lv2", False), ("ZamComp", "vst3", False), ("ZamComp", "lv2", False), ("Aaa", "vst3", True)]
