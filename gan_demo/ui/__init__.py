"""The page: what visitors see, and the same for programs.

Read page.py first: it lays the page out, once in each language. Then read tabs/table.py, which has a row for each tab,
and one of the tabs. shared/ holds what several tabs use, words/ every text, theme.py the colours, vendor/ what others
wrote. api.py has the end points for programs, from_hub.py fetches a model by its name, languages.py chooses a
visitor's language, temporary.py has the folder of uploads, without_stubs.py imports gradio sooner, and
gradio_workarounds.py knows what gradio does not promise.
"""
