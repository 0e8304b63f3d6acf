import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.grammar_names import PersonName, name_key, parse_clinician, parse_half, parse_name


@pytest.mark.parametrize(
    ("text", "family", "given"),
    [
        ("SMITH, John (Mr)", "SMITH", "John"),
        ("Mr John SMITH", "SMITH", "John"),
        ("SMITH John", "SMITH", "John"),
        ("MaTTHEW TREVOR MOYO", "MOYO", "MATTHEW TREVOR"),
        ("Mr PauI McDONALD", "McDONALD", "PauI"),
        ("Maria de la Cruz", "de la Cruz", "Maria"),
        ("van der Berg, Jan", "van der Berg", "Jan"),
        ("VAN DER BERG, Reginald (Master)", "VAN DER BERG", "Reginald"),
        ("O' BRIEN, Mary-Anne (Mrs)", "O'BRIEN", "Mary-Anne"),
        ("Mrs Mary-Anne O’BRIEN, DOB 01/02/1960", "O'BRIEN", "Mary-Anne"),
        ("Ms Siân ap Rhys", "ap Rhys", "Siân"),
        ("Mr J Smith-Jones", "Smith-Jones", "J"),
        ("Master lan Craig IVANOVA", "IVANOVA", "Ian Craig"),
        ("Mr Leo Bottomley, The Cottage, York", "Bottomley", "Leo"),
        ("Mr & Mrs Ann Lee", "Lee", "Ann"),
    ],
)
def test_whole_names(text, family, given):
    found = parse_name(text)
    assert found is not None and (found.family, found.given) == (family, given)


@pytest.mark.parametrize(
    "text", ["", "14 High Street", "who presents with pain", "Thank you for seeing this lady", "999 000 0018"]
)
def test_no_names(text):
    assert parse_name(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dr Jane Doe MRCGP", "Jane Doe"),
        ("Prof. A B Patel, Consultant Cardiologist", "A B Patel"),
        ("Mr D'Souza", "D'Souza"),
        ("Dr J. Doe (GP Partner)", "J. Doe"),
        ("Dr Helen lyer", "Helen Iyer"),
    ],
)
def test_clinicians(text, name):
    assert parse_clinician(text) == name


def test_halves():
    assert parse_half("O'Brien (Mrs)") == "O'Brien"
    assert parse_half("12/03/1980") is None
    assert name_key("O'Brien-Smíth") == "OBRIENSMITH"


@given(st.text(max_size=50))
def test_any_text_is_read_without_a_crash(text):
    assert parse_name(text) is None or isinstance(parse_name(text), PersonName)
    parse_half(text)
    parse_clinician(text)
