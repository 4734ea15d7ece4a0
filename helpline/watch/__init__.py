"""The dead-man's switch: notices that work is not finishing, and tells people who can act.

`judging` is the rule and `signs` what it looks at; `watcher` looks every few seconds in each web
process, shows the console, tells a person outside by mail, and gives an outside watcher a sign of
life for as long as everything comes out again. See docs/decisions/0020-dead-mans-switch.md.
"""
