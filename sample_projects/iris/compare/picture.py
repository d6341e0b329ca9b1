"""A confusion matrix as a PNG, drawn with Pillow alone."""

from PIL import Image, ImageDraw, ImageFont

CELL = 120  # pixels, as all lengths here
LEFT, TOP = 150, 90
INK = (32, 32, 32)


def draw_confusion(counts, names, path):
    """Save `counts[true][predicted]` as a picture; the more rows in a cell, the darker it is."""
    size = len(names) * CELL
    image = Image.new("RGB", (LEFT + size + 30, TOP + size + 30), "white")
    draw = ImageDraw.Draw(image)
    font, large = ImageFont.load_default(18), ImageFont.load_default(32)
    most = max(max(row) for row in counts) or 1
    for i, row in enumerate(counts):
        middle = CELL * i + CELL // 2
        draw.text((LEFT - 12, TOP + middle), names[i], INK, font, anchor="rm")
        draw.text((LEFT + middle, TOP - 12), names[i], INK, font, anchor="ms")
        for j, count in enumerate(row):
            draw_cell(draw, LEFT + CELL * j, TOP + CELL * i, count / most, str(count), large)
    draw.text((LEFT + size // 2, 30), "predicted", INK, font, anchor="mm")
    draw.text((LEFT - 12, TOP - 12), "true", INK, font, anchor="rs")
    image.save(path)


def draw_cell(draw, x, y, share, text, font):
    """One square, from white (`share` 0) to dark blue (1), with its count in the middle."""
    colour = tuple(round(255 + (dark - 255) * share) for dark in (12, 60, 120))
    draw.rectangle((x, y, x + CELL, y + CELL), fill=colour, outline=(208, 208, 208))
    draw.text((x + CELL // 2, y + CELL // 2), text, "white" if share > 0.5 else INK, font, anchor="mm")
