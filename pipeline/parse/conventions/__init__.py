"""What a story's own words say of it.

wire_conventions    all of it for one story: take line, note, dateline, trailer
opening             the dateline and the editor's note at a body's head
dateline            one dateline: place, day, agency
editors_note        "(Corrects spelling in paragraph 2)"
trailer             credits and notices after the last sentence
agencies            news agencies by all their names
"""
