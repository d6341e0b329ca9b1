"""Graphs drawn as text, Mermaid and SVG, from plain nodes and edges."""
