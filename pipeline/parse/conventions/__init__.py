"""What a story's own words say of it.

wire_conventions    all of it for one story: take line, note, dateline, trailer
find_dateline       where the dateline and the editor's note stand at a body's head
dateline            what a dateline at a given position says: place, day, agency
filing_place        whether words can be the place of a dateline
editors_note        "(Corrects spelling in paragraph 2)"
trailer             credits and notices after the last sentence
agencies            news agencies by all their names
"""
