def slope(rows):
    (first, low), (last, high) = rows[0], rows[-1]
    return (high - low) / (last - first)
