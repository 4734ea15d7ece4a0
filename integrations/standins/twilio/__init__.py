"""A stand-in for Twilio: a program of its own that plays the other company, on loopback.

It speaks Twilio's wire format for texts and calls, signs its webhooks with its own code, keeps its
own file, and can be told to misbehave. It imports nothing of ours, and it is no part of the
service: kill the service, and it still knows what it accepted.

What documents leave open it plays in the way that helps a client least. A text that is still
queued has no ``DateSent``, so that a list filtered by it does not show the text. A called party
who hangs up before being joined counts as ``completed``, with ``DialBridged`` saying ``false``.
"""
