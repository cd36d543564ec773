"""The tabs, a folder each: tab.py lays it out, tab.js runs in the browser, tab.css holds inside it only.

table.py has a row for each. docs/adding-a-tab.md shows how to add one.
"""
