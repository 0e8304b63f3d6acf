# ruff: noqa: E501  (rows of cases read better unbroken)
from pathlib import Path

import pytest

from templates.form import BUILT_IN, FormError, load_form, load_forms

GOOD = 'id = "leeds"\nversion = 2\ntitle = "Leeds form"\nkind = "referral"\nkeywords = ["leeds", ["a", "b"]]\n'


def write(folder: Path, text: str, name: str = "leeds.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_built_in_forms_load_and_say_what_they_are():
    forms = load_forms()
    assert {"ruled-label-left", "boxed-label-above", "suspected-cancer", "letter-re", "cover-sheet"} <= {
        f.id for f in forms.forms
    }
    assert forms.generic.fields["patient.nhs_number"].labels
    assert len(list(BUILT_IN.glob("*.toml"))) == len(forms.forms) + 1


def test_a_site_adds_its_own(tmp_path):
    write(
        tmp_path,
        GOOD
        + '[fields."patient.nhs_number"]\nlabels = ["Ident"]\nplace = ["box"]\nbox = [0.1, 0.2, 0.5, 0.3]\npage = 1\n[[ticks]]\nfield = "referral.priority"\nvalue = "URGENT"\nwords = ["Prompt"]\n',
    )
    form = load_forms([tmp_path]).by_id("leeds")
    assert form is not None and form.version == 2 and form.keywords == (("leeds",), ("a", "b"))
    assert form.fields["patient.nhs_number"].box is not None and form.ticks[0].words == ("Prompt",)


@pytest.mark.parametrize(
    ("text", "key", "cure"),
    [
        ("id = ", "", "TOML"),
        ('version = 1\ntitle = "x"', "id", "text"),
        (GOOD.replace("leeds", "Leeds Form", 1), "id", "small letters"),
        (GOOD + "colour = 1", "colour", "not known"),
        (GOOD.replace("referral", "letter"), "kind", "one of"),
        (GOOD.replace("= 2", '= "two"'), "version", "whole number"),
        ('id = "x"\ntitle = "x"', "keywords", "missing"),
        ('id = "x"\ntitle = "x"\nkind = "cover"\nkeywords = ["y"]', "says", "missing"),
        (GOOD + '[fields."patient.shoe"]\nlabels = ["Shoe"]', "patient.shoe", "is no field"),
        (GOOD + '[fields."patient.phone"]\nplace = ["beside"]', "place", "may hold"),
        (GOOD + '[fields."patient.phone"]\nbox = [0.5, 0.2, 0.1, 0.3]', "box", "inside out"),
        (GOOD + '[fields."patient.phone"]\nlabels = "Tel"', "labels", "list of texts"),
        (GOOD + '[[ticks]]\nfield = "referral.priority"\nvalue = "QUICK"\nwords = ["Q"]', "ticks.value", "one of"),
        (GOOD + '[sections]\nfamily = ["Family"]', "sections.family", "not known"),
    ],
)
def test_a_wrong_file_is_refused_with_file_key_and_cure(tmp_path, text, key, cure):
    write(tmp_path, text)
    with pytest.raises(FormError) as error:
        load_form(tmp_path / "leeds.toml")
    assert "leeds.toml" in str(error.value) and key in str(error.value) and cure in str(error.value)


def test_one_id_twice_and_a_missing_folder(tmp_path):
    write(write(tmp_path, GOOD), GOOD, "other.toml")
    with pytest.raises(FormError, match=r"already used by leeds\.toml"):
        load_forms([tmp_path])
    with pytest.raises(FormError, match="not there"):
        load_forms([tmp_path / "none"])
