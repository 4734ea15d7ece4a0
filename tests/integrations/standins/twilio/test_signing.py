"""The stand-in's signatures and Twilio's own validator, held against each other."""

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from integrations.standins.twilio import signing

TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FORMS = st.dictionaries(WORDS.filter(bool), WORDS, max_size=8)
URLS = st.sampled_from(
    [
        "http://127.0.0.1:8001/twilio/sms",
        "https://staff.example.org/twilio/sms",
        "https://staff.example.org/twilio/status?text=1&part=%2B2",
        "https://staff.example.org:8443/twilio/voice/in",
    ]
)


@given(token=TOKENS, url=URLS, form=FORMS)
def test_twilios_validator_accepts_what_the_standin_signs(
    token: str, url: str, form: dict[str, str]
) -> None:
    signature = signing.sign(token=token, url=url, form=form.items())
    assert RequestValidator(token).validate(url, form, signature)


@given(token=TOKENS, url=URLS, form=FORMS, changed=WORDS)
def test_twilios_validator_refuses_a_changed_field_another_address_and_another_token(
    token: str, url: str, form: dict[str, str], changed: str
) -> None:
    signature = signing.sign(token=token, url=url, form=form.items())
    validator = RequestValidator(token)
    assert not validator.validate(url, {**form, "Added": changed}, signature)
    assert not validator.validate(url + "/other", form, signature)
    assert not RequestValidator(token + "x").validate(url, form, signature)


def test_the_example_of_twilios_documentation_comes_out() -> None:
    """Twilio, "Validating requests are coming from Twilio": its worked example."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    signed = signing.sign(token="12345", url=url, form=form.items())
    assert signed == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
