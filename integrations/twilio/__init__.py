"""Twilio: texts and calls, in Twilio's words. The SDK is loaded when it is first needed."""
