-- The dialect of libro.md for pandoc's HTML and Typst writers and, as JSON, for that of Word
-- (word.py), a chapter at a time: gives tables, figures, callouts, lists of figures and
-- conditional blocks the form that the templates expect. Numbers are not known here: a mark
-- stands for each, and a comment at the end lists the chapter's labels (chapters.py sets the
-- numbers).

local HTML = FORMAT:match('html') ~= nil
local WORD = FORMAT == 'json'
local FORMAT_NAME = HTML and 'html' or WORD and 'docx' or 'typst'
local RAW = WORD and 'openxml' or FORMAT_NAME
local CALLOUTS = { note = 'Nota', tip = 'Consiglio', important = 'Importante',
                   warning = 'Avviso', caution = 'Attenzione' }

-- Divs that are functions of book.typ.
local TYPST_BLOCKS = { ['note-tabella'] = true, ['indice-indicatori'] = true, scheda = true, frasi = true,
                       citare = true, ['indice-generale'] = true }

-- Divs that are styles of Word's template.
local WORD_BLOCKS = { ['note-tabella'] = 'Nota tabella', ['indice-indicatori'] = 'Indice' }

local config = {}    -- crossref options and number-sections
local labels = {}    -- headings, figures and tables in their order
local problems = {}
local renamed = {}   -- links to headings without a label of their own

local stringify = pandoc.utils.stringify
local size = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'tables.lua' })
local function raw(text) return pandoc.RawBlock(RAW, text) end
local function inline(text) return pandoc.RawInline(RAW, text) end
local function escape(text)
  return (text:gsub('[&<>"]', { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }))
end

-- Labels --------------------------------------------------------------------

-- Stands for the number of a label; with a name, for «name number», or for the title of
-- a heading without number.
local function mark(id, name) return '\u{e000}' .. id .. (name and '|' .. name or '') .. '\u{e001}' end

-- A style of Word's template (word.py), which pandoc finds by its name.
local function styled(blocks, name) return pandoc.Div(blocks, { ['custom-style'] = name }) end

-- A field of Word's: what it says now, and what makes it.
local function field_open(code)
  return inline('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> ' .. escape(code)
    .. ' </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>')
end
local FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'

local function label(kind, id)
  if WORD then
    local name = config[kind .. '-title']
    return pandoc.Inlines { pandoc.Span({ pandoc.Str(name .. '\u{a0}'), field_open('SEQ ' .. name .. ' \\* ARABIC'),
      pandoc.Str(mark(id)), inline(FIELD_END), pandoc.Str(config['title-delim']) },
      { ['custom-style'] = 'Etichetta' }), pandoc.Space() }
  end
  return pandoc.Inlines { pandoc.Span(
    config[kind .. '-title'] .. '\u{a0}' .. mark(id) .. config['title-delim'],
    { class = 'etichetta' }), pandoc.Space() }
end

local reference, formula -- below

-- A title or a caption as it stands in a list, whose lines are links themselves: without
-- notes, links and places that links lead to.
local function listed(content)
  return content:walk {
    Note = function() return {} end,
    Link = function(link) return link.content end,
    Span = function(span) return span.identifier ~= '' and span.content or nil end,
  }
end

-- A title as it is written in a list of titles; pandoc's writer is called where it must be.
local function written(content)
  local rich = content:find_if(function(part) return part.t ~= 'Str' and part.t ~= 'Space' end)
  if HTML and not rich then return escape(stringify(content)) end
  local title = listed(listed(content):walk { Cite = reference, Math = not WORD and formula or nil })
  if WORD then return stringify(title) end
  return pandoc.write(pandoc.Pandoc { pandoc.Plain(title) }, FORMAT, { wrap_text = 'none' })
end

-- Notes of a title or a caption, which Typst tells again in lists and running heads: there
-- the functions of book.typ leave them out.
local function with_notes(content)
  if HTML or WORD then return content end
  return content:walk { Note = function(note)
    return pandoc.Inlines { inline('#nota[') } .. pandoc.utils.blocks_to_inlines(note.content) .. { inline(']') }
  end }
end

local function heading(header)
  if not header.identifier:match('^sec%-') then -- unique in the chapter only
    local unique = (labels[1] and labels[1].id .. '-' or '') .. header.identifier
    renamed['#' .. header.identifier] = '#' .. unique
    header.identifier = unique
  end
  local numbered = config['number-sections'] and not header.classes:includes('unnumbered')
  local title = written(header.content)
  if not header.classes:includes('unlisted') then
    table.insert(labels, {
      kind = 'sec', id = header.identifier, level = header.level, numbered = numbered and true or false, title = title })
  end
  header.content = with_notes(header.content)
  if HTML then
    if numbered then
      header.content:insert(1, pandoc.Span(mark(header.identifier), { class = 'header-section-number' }))
      header.content:insert(2, pandoc.Space())
    end
    header.content:insert(pandoc.Link({}, '#' .. header.identifier, '', -- to copy: no stop of the Tab key
      pandoc.Attr('', { 'ancora' }, { { 'tabindex', '-1' }, { 'aria-hidden', 'true' } })))
    header.level = header.level + 1 -- the title of the book is the one h1
  elseif WORD and numbered then
    header.content:insert(1, pandoc.Span(mark(header.identifier), { ['custom-style'] = 'Section Number' }))
    header.content:insert(2, inline('<w:r><w:tab/></w:r>'))
  end
  return header
end

-- A caption with a link back to the text that first speaks of what it captions, where
-- the attribute `testo` says that there is one.
local function with_link_back(caption, attributes, kind, id)
  local target = attributes.testo
  attributes.testo = nil
  caption = with_notes(caption)
  if not target or not HTML then return caption end -- on paper references have pages; a Word document has none
  local link = pandoc.Link('↑\u{a0}testo', target, '', {
    class = 'al-testo', ['aria-label'] = 'al testo su ' .. config[kind .. '-title'] .. '\u{a0}' .. mark(id) })
  return caption .. { pandoc.Space(), link }
end

local function labelled(kind, id)
  local is = id:match('^' .. kind .. '%-') ~= nil
  if is then table.insert(labels, { kind = kind, id = id }) end
  return is
end

local function quoted(text) return '"' .. text:gsub('[\\"]', '\\%0'):gsub('\n', ' ') .. '"' end

-- Words that Typst would read as a list, a heading, a dash, a minus or an ellipsis, and
-- that pandoc leaves bare, above all in table cells.
local function typst_word(word)
  local text = word.text
  if text:find('\u{e000}') then return nil end
  if text:find('^[-+=/]') or text:find('^%d+%.$') or text:find('%-[-?%d]') or text:find('%.%.%.') then
    return inline('#' .. quoted(text) .. ';')
  end
end

-- A length of an image for Typst, which knows no pixels: 96 of them are an inch.
local function typst_length(text)
  local number, unit = (text or ''):match('^%s*([%d.]+)%s*(%a*%%?)%s*$')
  if not tonumber(number) then return nil end
  if unit == '' or unit == 'px' then return tonumber(number) * 0.75 .. 'pt' end
  return number .. unit
end

local function typst_image(image, open)
  local sizes = ''
  for _, side in ipairs { 'width', 'height' } do
    local length = typst_length(image.attributes[side])
    if length then sizes = sizes .. ', ' .. side .. ': ' .. length end
  end
  return inline(open .. 'image(' .. quoted(image.src) .. ', alt: ' .. quoted(image.attributes.alt) .. sizes .. ')')
end

-- What is wrong, with the text by which its place is found.
local function problem(key, text) table.insert(problems, '\u{e003}' .. key .. '\u{e003}' .. text) end

-- Before the rest: every image carries its alternative text as pandoc's `alt`.
local function alternative(image)
  local source = pandoc.utils.stringify(image.src)
  image.attributes.alt = image.attributes['fig-alt'] or image.attributes.alt or stringify(image.caption)
  image.attributes['fig-alt'] = nil
  if image.attributes.alt == '' then
    problem(source, 'the picture ' .. source .. ' has no alternative text: write «![Descrizione](' .. source .. ')»')
  end
  if not source:match('^figure/') and not source:match('^data:') then
    problem(source:gsub('%%20', ' '), 'the picture ' .. source .. ' is not in the book: save it beside the notebook, with no blank in its name')
  end
  return image
end

-- A formula: MathML for a page, for paper with its source as alternative text.
function formula(element)
  local text = pandoc.write(pandoc.Pandoc { pandoc.Plain { element } }, FORMAT_NAME, { html_math_method = 'mathml', wrap_text = 'none' })
  text = text:gsub('%s+$', '')
  if HTML then return inline(text) end
  local source = element.text:gsub('%s+', ' '):gsub('^ ', ''):gsub(' $', '')
  return inline('#{ set math.equation(alt: ' .. quoted(source) .. '); ' .. text .. ' }')
end

-- A break of a line, also where the author wrote HTML.
local function line_break(element)
  if element.format:match('html') and element.text:lower():match('^<br%s*/?>$') then return pandoc.LineBreak() end
end

-- On paper figures move to where there is room, and their notes stand with their captions.
local function with_its_notes(blocks)
  for i = #blocks - 1, 1, -1 do
    local after = blocks[i + 1]
    if blocks[i].t == 'Figure' and after.t == 'Div' and after.classes[1] == 'note-tabella' then
      local figure = blocks[i]
      figure.content:insert(pandoc.Div(after.content))
      blocks[i] = figure
      blocks:remove(i + 1)
    end
  end
  return blocks
end

local function figure_block(figure)
  local id = figure.identifier
  local numbered = labelled('fig', id)
  local caption = figure.caption.long[1].content
  if numbered then
    caption = with_link_back(caption, figure.content[1].content[1].attributes, 'fig', id)
  end
  if numbered and HTML then figure.caption.long[1].content = label('fig', id) .. caption end
  if HTML then return figure end
  if WORD then
    if numbered then figure.caption.long[1].content = label('fig', id) .. caption end
    return figure
  end
  local image = figure.content[1].content[1] -- pandoc's own Typst figures drop alternative texts
  local close = numbered and '], kind: image) <' .. id .. '>' or '], kind: image, numbering: none, outlined: false)'
  local open = pandoc.Inlines { typst_image(image, '#figure('), inline(', caption: [') } .. caption
  local notes = figure.content[2]
  if not notes then return pandoc.Plain(open .. { inline(close) }) end
  return pandoc.Blocks { pandoc.Plain(open .. { inline('#note-figura[') }) } .. notes.content
    .. { pandoc.Plain { inline(']' .. close) } }
end

-- Tables --------------------------------------------------------------------

local function is_total(row)
  local first = row.cells[1] and row.cells[1].contents[1]
  return first and first.content and first.content[1] and first.content[1].t == 'Strong'
end

local unnumbered = 0

-- For a page: the first cell of each row is its header; a heading within a table opens a
-- group of rows, which is a body of its own.
local function with_headers(tbl)
  if #tbl.colspecs < 2 then return tbl end
  local bodies = pandoc.List {}
  for _, body in ipairs(tbl.bodies) do
    local head, rows = pandoc.List {}, pandoc.List {}
    local function close()
      if #rows + #head > 0 then bodies:insert { attr = body.attr, head = head, body = rows, row_head_columns = 1 } end
      head, rows = pandoc.List {}, pandoc.List {}
    end
    for _, row in ipairs(body.body) do
      local cells = row.cells
      local group = #cells == 1 and cells[1].col_span > 1
      if group and #rows > 0 then close() end
      cells[1].attributes.scope = group and 'rowgroup' or 'row'
      row.cells = cells
      if group then head:insert(row) else rows:insert(row) end
    end
    close()
  end
  tbl.bodies = bodies
  return tbl
end

local function html_table(tbl, id, caption)
  tbl = with_headers(tbl)
  tbl.caption = { long = {} }
  tbl.identifier = ''
  if not caption then
    unnumbered = unnumbered + 1
    return { raw('<div class="tabella" role="region" tabindex="0" aria-label="Tabella non numerata '
      .. unnumbered .. '">'), tbl, raw('</div>') }
  end
  local named = escape(id) .. '-didascalia'
  tbl.attributes['aria-labelledby'] = named
  return { raw('<figure class="tabella" id="' .. escape(id) .. '">'),
    pandoc.Plain(pandoc.Inlines { inline('<figcaption id="' .. named .. '">') } .. caption .. { inline('</figcaption>') }),
    raw('<div class="scorre" role="region" tabindex="0" aria-labelledby="' .. named .. '">'),
    tbl, raw('</div></figure>') }
end

local function is_group(row) return #row.cells == 1 and row.cells[1].col_span > 1 end

-- A mark at the beginning or the end of a cell; nil where it holds more than a line.
local function marked(cell, text, last)
  local block = cell.contents[1] or pandoc.Plain {}
  if #cell.contents > 1 or block.t ~= 'Plain' then return nil end
  block.content:insert(last and #block.content + 1 or 1, inline(text))
  cell.contents = { block }
  return cell
end

-- The first rows of a table that breaks stay together, and its last. The last are the table's foot; the
-- first but one stand between two marks, of which the publisher makes a header that is not repeated.
local function with_rows_together(tbl)
  local first, last = tonumber(tbl.attributes.primi) or 0, tonumber(tbl.attributes.ultimi) or 0
  tbl.attributes.primi, tbl.attributes.ultimi = nil, nil
  local bodies = tbl.bodies
  local top = bodies[1] and bodies[1].body or {}
  for r = 1, first do
    if #top <= first + last or is_group(top[r]) then first = 0 end
  end
  if first > 1 then
    local from, to = top[1].cells, top[first - 1].cells
    local one = marked(from[1], '/*primi*/')
    if first == 2 then to = from end
    local other = marked(to[#to], '/*fino*/', true)
    if one and other then
      from[1], to[#to] = one, other
      top[1].cells, top[first - 1].cells = from, to
    end
    bodies[1].body = top
  end
  local rows = bodies[#bodies] and bodies[#bodies].body or {}
  local taken, foot = 0, pandoc.List {}
  while taken < last and taken < #rows - first and not is_group(rows[#rows - taken]) do taken = taken + 1 end
  if taken > 0 and rows[#rows - taken] and is_group(rows[#rows - taken]) then taken = taken - 1 end -- kept already
  for _ = 1, taken do foot:insert(1, rows:remove()) end
  if taken > 0 then
    bodies[#bodies].body = rows
    tbl.foot.rows = foot
  end
  tbl.bodies = bodies
  return tbl
end

local function typst_table(tbl, numbered)
  for b, body in ipairs(tbl:clone().bodies) do -- a copy: see tables.lua
    for r, row in ipairs(body.body) do
      if is_total(row) then
        local next = body.body[r + 1] -- a header needs a row that it heads
        local fill = is_group(row) and next and not is_group(next) and 'gruppo' or 'totale'
        for _, cell in ipairs(tbl.bodies[b].body[r].cells) do cell.attributes['typst:fill'] = fill end
      end
    end
  end
  tbl = with_rows_together(tbl)
  local set = '#show figure: set block(breakable: ' .. tostring(not tbl.classes:includes('intera')) .. ')\n'
    .. '#set table.cell(breakable: ' .. tostring(not tbl.classes:includes('righe-intere')) .. ')'
  if not numbered then set = set .. '\n#set figure(numbering: none)' end
  local open = tbl.classes:includes('orizzontale') and '#orizzontale[\n' or '#[\n'
  return { raw(open .. set), tbl, raw(']') }
end

-- A table that takes a page turned sideways stands between two marks (word.py).
local function word_table(tbl, id, caption)
  tbl.attributes['custom-style'] = 'Tabella' .. (tbl.attributes['typst:text:size'] or '9'):gsub('%D', '')
  if caption then tbl.caption.long[1].content = label('tbl', id) .. caption end
  if not tbl.classes:includes('orizzontale') then return { tbl } end
  return { raw('<w:p><w:pPr><w:pStyle w:val="Gira"/></w:pPr></w:p>'), tbl, raw('<w:p><w:pPr><w:pStyle w:val="Raddrizza"/></w:pPr></w:p>') }
end

local function table_block(tbl)
  tbl = size(tbl, config)
  local id = tbl.identifier
  local numbered = labelled('tbl', id)
  local text = tbl.caption.long[1] and tbl.caption.long[1].content
  if numbered and not text then problem(id, 'the table ' .. id .. ' has no caption: write «: Didascalia {#' .. id .. '}»') end
  if numbered and text then
    text = with_link_back(text, tbl.attributes, 'tbl', id)
    tbl.caption.long[1].content = text
  end
  if WORD then return word_table(tbl, id, numbered and text), false end
  if not HTML then return typst_table(tbl, numbered), false end
  return html_table(tbl, id, numbered and label('tbl', id) .. (text or {})), false
end

-- Blocks of the dialect -----------------------------------------------------

local function conditional(element)
  local shown = element.classes:includes('content-visible')
  if not shown and not element.classes:includes('content-hidden') then return nil end
  local when, unless = element.attributes['when-format'], element.attributes['unless-format']
  local holds = (not when or when == FORMAT_NAME) and (not unless or unless ~= FORMAT_NAME)
  return shown == holds and element.content or {}
end

-- Spans that are functions of book.typ: what a draft lacks, said at its place; the parts of a key figure.
local TYPST_SPANS = { ['da-inserire'] = true, nome = true, valore = true, andamento = true, anni = true }
local function span(element)
  if WORD and element.classes[1] == 'da-inserire' then
    element.attributes['custom-style'] = 'Da inserire'
    return element
  elseif not HTML and not WORD and TYPST_SPANS[element.classes[1]] then
    return pandoc.Inlines { inline('#' .. element.classes[1] .. '[') } .. element.content .. { inline(']') }
  end
  return conditional(element)
end

local function callout(div)
  local kind = div.classes[1] and div.classes[1]:match('^callout%-(%l+)$')
  if not CALLOUTS[kind] then return nil end
  local title = pandoc.read(div.attributes.title or CALLOUTS[kind]).blocks[1].content
  if HTML then
    return pandoc.Div({ pandoc.Div(pandoc.Plain(title), { class = 'callout-title' }) } .. div.content,
      { class = 'callout callout-' .. kind, role = 'note' })
  elseif WORD then
    return { styled(pandoc.Para(title), 'Riquadro titolo'), styled(div.content, 'Riquadro') }
  end
  return pandoc.Blocks { pandoc.Plain(pandoc.Inlines { inline('#callout("' .. kind .. '")[') } .. title .. { inline('][') }) }
    .. div.content .. { raw(']') }
end

local function division(div)
  local kind = div.classes[1] and div.classes[1]:match('^elenco%-(%l+)$')
  if kind and HTML then
    div = div:walk { BulletList = function(list)
      for _, item in ipairs(list.content) do
        for _, block in ipairs(item) do block.content = listed(block.content) end
      end
      return list
    end }
    return { raw('<details class="elenco"><summary>Mostra l’elenco</summary>'), div, raw('</details>') }
  elseif kind and WORD then -- a field, and what it says before Word makes it anew
    local lines = pandoc.Blocks {}
    for _, list in ipairs(div.content) do
      for _, item in ipairs(list.content) do lines:insert(pandoc.Para(listed(item[1].content))) end
    end
    lines[1].content:insert(1, field_open('TOC \\h \\z \\c "' .. config[kind == 'figure' and 'fig-title' or 'tbl-title'] .. '"'))
    lines[#lines].content:insert(inline(FIELD_END))
    return styled(lines, 'table of figures')
  elseif kind then
    return raw('#elenco(' .. (kind == 'figure' and 'image' or 'table') .. ')')
  end
  if not HTML and not WORD and div.classes[1] == 'schede' then -- each card an argument, see book.typ
    local cards = pandoc.Blocks { raw('#schede(') }
    for _, block in ipairs(div.content) do
      if block.t == 'RawBlock' and block.text:find('^#scheda') then block.text = block.text:sub(2) end
      cards:insert(block)
      if block.t == 'RawBlock' and block.text == ']' then cards:insert(raw(',')) end
    end
    cards:insert(raw(')'))
    return cards
  end
  if HTML and div.classes[1] == 'indice-generale' then return {} end -- it stands beside the page
  if HTML and div.classes[1] == 'indice-indicatori' then -- closed, its hundreds of links are no stops of the Tab key
    return { raw('<details class="ripiegato"><summary>Mostra l’indice</summary>'), div, raw('</details>') }
  end
  if WORD and WORD_BLOCKS[div.classes[1]] then return styled(div.content, WORD_BLOCKS[div.classes[1]]) end
  if not HTML and not WORD and TYPST_BLOCKS[div.classes[1]] then
    return pandoc.Blocks { raw('#' .. div.classes[1] .. '[') } .. div.content .. { raw(']') }
  end
  return conditional(div) or callout(div)
end

function reference(cite)
  local text = pandoc.Inlines {}
  for i, citation in ipairs(cite.citations) do
    local kind = citation.id:match('^(%l+)%-')
    if not (kind == 'fig' or kind == 'tbl' or kind == 'sec') then return cite.content end
    local prefix = #citation.prefix > 0 and stringify(citation.prefix) or config[kind .. '-prefix']
    if citation.mode == 'SuppressAuthor' then prefix = nil end
    if i > 1 then text:extend { pandoc.Str(','), pandoc.Space() } end
    local shown = mark(citation.id, prefix)
    local near = HTML or WORD -- Word counts the pages of its references itself
    for _, own in ipairs(labels) do near = near or own.id == citation.id end
    if near then
      text:insert(pandoc.Link(shown, '#' .. citation.id, '', { class = 'riferimento' }))
    else
      text:extend { inline('#rinvio(<' .. citation.id .. '>)['), pandoc.Str(shown), inline(']') }
    end
  end
  return text
end

-- On a page: what an abbreviation means, where a chapter first uses it: in its running text, or else in a caption or
-- in a table.
local function with_abbreviations(body)
  local told = {}
  local function word(str)
    local parts, from = pandoc.Inlines {}, 1
    for start, short, after in str.text:gmatch('%f[%a]()(%u%u+)()%f[%A]') do
      local long = config['sigla-' .. short]
      if long and not told[short] then
        told[short] = true
        parts:insert(pandoc.Str(str.text:sub(from, start - 1)))
        parts:insert(inline('<abbr title="' .. escape(long) .. '">' .. short .. '</abbr>'))
        from = after
      end
    end
    if from == 1 then return nil end
    parts:insert(pandoc.Str(str.text:sub(from)))
    return parts
  end
  local function as_it_is(element) return element, false end
  local text = { traverse = 'topdown', Str = word, Link = as_it_is, Code = as_it_is, Cite = as_it_is }
  local function told_in(block) return block:walk(text), false end
  body = body:walk { traverse = 'topdown', Header = as_it_is, Table = as_it_is, Figure = as_it_is,
    Para = told_in, Plain = told_in }
  return body:walk { traverse = 'topdown', Header = as_it_is, Para = as_it_is, Table = told_in, Figure = told_in }
end

function Pandoc(doc)
  for key, value in pairs(doc.meta.publish) do
    local text = stringify(value)
    config[key] = tonumber(text) or (text ~= 'false' and text)
  end
  local body = not HTML and not WORD and doc.blocks:walk { Blocks = with_its_notes } or doc.blocks
  body = body:walk { RawInline = line_break, Div = division, Span = span, Image = alternative }
  if HTML then body = with_abbreviations(body) end
  body = body:walk { traverse = 'topdown', Header = heading, Figure = figure_block, Table = table_block }
  local function link(element)
    element.target = renamed[element.target] or element.target
    return element
  end
  body = body:walk(WORD and { Cite = reference, Link = link, Image = function(image)
    image.caption = { pandoc.Str(image.attributes.alt) } -- what pandoc tells to who cannot see it
    image.src = image.src:gsub('%.svg$', '.png')
    image.title = ''
    return image
  end } or HTML and { Cite = reference, Link = link, Math = formula } or {
    Cite = reference, Link = link, Str = typst_word, Math = formula, Image = function(image)
      return pandoc.Inlines { typst_image(image, '#box('), inline(')') }
    end,
  })
  if #problems > 0 then
    io.stderr:write(table.concat(problems, '\n') .. '\n')
    os.exit(83)
  end
  local list = '\u{e002}' .. pandoc.json.encode(labels):gsub('>', '\\u003e') .. '\u{e002}'
  body:insert(raw(WORD and list or HTML and '<!--' .. list .. '-->' or '/*' .. list .. '*/'))
  return pandoc.Pandoc(body, doc.meta)
end
