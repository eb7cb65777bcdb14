"""Makes the small files beside it, which tests read.

python3 make_documents.py; needs reportlab, python-docx, python-pptx, openpyxl, odfpy, pypdf[crypto], msoffcrypto-tool.
"""

import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pptx
import pypdf
from msoffcrypto.format.ooxml import OOXMLFile
from odf.opendocument import OpenDocumentText
from odf.table import Table, TableCell, TableRow
from odf.text import H, List, ListItem, P
from reportlab.lib.pagesizes import A5
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

HERE = Path(__file__).parent

PAGES = [
    ["The Ferry to Torsby", "The ferry leaves the harbour at seven in the morn-", "ing and comes back at nine in the evening."],
    ["Vera Lindqvist was born in Torsby. She steers the", "ferry and has done so for twenty years."],
    ["The winter timetable begins in November. No ferry", "leaves on Sundays."],
]


def pdf(name, pages, title=None, image=False, **options):
    page = canvas.Canvas(str(HERE / name), pagesize=A5, invariant=1, **options)
    if title:
        page.setTitle(title)
        page.setAuthor("Ole Bruun")
    for lines in pages:
        for i, line in enumerate(lines):
            page.drawString(40, 540 - 16 * i, line)
        if image:
            # One grey pixel, as a picture of a page would be.
            page.drawImage(ImageReader(io.BytesIO(PIXEL)), 40, 40, 300, 500)
        page.showPage()
    page.save()


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)


def encrypted_pdf():
    writer = pypdf.PdfWriter(clone_from=HERE / "ferry.pdf")
    writer.encrypt(user_password="secret", algorithm="AES-256")
    writer.write(HERE / "encrypted.pdf")


def word():
    document = docx.Document()
    document.core_properties.title = "Harbour rules"
    document.core_properties.author = "Nora Sundby"
    document.add_heading("Harbour rules", 1)
    document.add_paragraph("Every boat is moored at the northern pier.")
    document.add_heading("Fees", 2)
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, [("Boat", "Fee"), ("Rowing boat", "5 crowns"), ("Yacht", "40 crowns")]):
        for cell, text in zip(row.cells, cells):
            cell.text = text
    document.add_paragraph("First come, first served.", style="List Bullet")
    document.add_paragraph("Fees are paid in cash.", style="List Bullet")
    document.save(HERE / "rules.docx")
    office = OOXMLFile(open(HERE / "rules.docx", "rb"))
    with open(HERE / "encrypted.docx", "wb") as out:
        office.encrypt("secret", out)


def slides():
    show = pptx.Presentation()
    for title, body in [("The island", "Kirkby lies on an island."), ("The bridge", "The bridge was built in 1931.")]:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    slide.notes_slide.notes_text_frame.text = "Mention the engineer."
    show.save(HERE / "island.pptx")


def sheet():
    book = openpyxl.Workbook()
    boats = book.active
    boats.title = "Boats"
    for row in [("Name", "Built", "Owner"), ("Sprat", 1962, "Ole Bruun"), ("Herring", 1971, None)]:
        boats.append(row)
    book.create_sheet("Notes").append(["The Sprat was repainted in May."])
    book.save(HERE / "boats.xlsx")


def open_document():
    text = OpenDocumentText()
    text.text.addElement(H(outlinelevel=1, text="The lighthouse"))
    text.text.addElement(P(text="The lighthouse of Woabrirk is red and white."))
    items = List()
    for line in ("It was lit in 1888.", "It is 31 metres tall."):
        item = ListItem()
        item.addElement(P(text=line))
        items.addElement(item)
    text.text.addElement(items)
    table = Table(name="Keepers")
    for cells in (("Keeper", "Years"), ("Vera", "1901 to 1930")):
        row = TableRow()
        for text_of_cell in cells:
            cell = TableCell()
            cell.addElement(P(text=text_of_cell))
            row.addElement(cell)
        table.addElement(row)
    text.text.addElement(table)
    text.save(HERE / "lighthouse.odt")


def book():
    container = (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="2.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Two Bridges</dc:title>'
        "<dc:creator>Nora Sundby</dc:creator><dc:language>en</dc:language><dc:identifier id=\"id\">x</dc:identifier>"
        '</metadata><manifest><item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="two" href="two.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="one"/><itemref idref="two"/></spine></package>'
    )
    chapter = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body><h1>{}</h1><p>{}</p></body></html>'
    )
    with zipfile.ZipFile(HERE / "bridges.epub", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in [
            ("META-INF/container.xml", container),
            ("book.opf", package),
            ("one.xhtml", chapter.format("The old bridge", "The old bridge is of stone.")),
            ("two.xhtml", chapter.format("The new bridge", "The new bridge is of steel.")),
        ]:
            out.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def texts():
    (HERE / "people.csv").write_text("name;born;town\nVera;1971;Torsby\nOle;1968;\n", encoding="utf-8")
    (HERE / "latin1.csv").write_bytes("name,town\nJürgen,Västerås\nÅsa,Göteborg\n".encode("latin-1"))
    (HERE / "page.html").write_text(
        "<html><head><title>The mill &amp; the stream</title><script>var x = 1;</script></head><body>"
        "<nav>Home Contact</nav><h1>The mill</h1>\n<p>The mill\nturns <b>slowly</b>.</p>"
        "<ul><li>It has four sails.<ul><li>One is broken.</li></ul></li><li>It grinds rye.</li></ul>"
        "<table><tr><th>Year</th><th>Miller</th></tr><tr><td>1850</td><td>Ole | Vera</td></tr></table>"
        "<pre>rye\n  wheat</pre></body></html>",
        encoding="utf-8",
    )
    (HERE / "letter.rtf").write_text(
        r"{\rtf1\ansi{\info{\title A letter}{\author Vera}}\pard Dear Ole,\par the ferry is late again.\par}",
        encoding="ascii",
    )


if __name__ == "__main__":
    pdf("ferry.pdf", PAGES, "The Ferry to Torsby")
    pdf("scanned.pdf", [[], []], image=True)
    pdf("partly.pdf", [["Only this page has a text."], []])
    encrypted_pdf()
    word()
    slides()
    sheet()
    open_document()
    book()
    texts()
