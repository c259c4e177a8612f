-- The dialect of libro.md for pandoc's HTML and Typst writers: numbers chapters,
-- figures and tables, resolves @references, and gives tables, callouts, lists of
-- figures and conditional blocks the form the two templates expect. tables.lua, which
-- runs before, has already sized the tables.

local HTML = FORMAT:match('html') ~= nil
local FORMAT_NAME = HTML and 'html' or 'typst'
local CALLOUTS = { note = 'Nota', tip = 'Consiglio', important = 'Importante',
                   warning = 'Avviso', caution = 'Attenzione' }

local config = {}    -- crossref options and number-sections
local targets = {}   -- id -> { kind, number }
local problems = {}

local stringify = pandoc.utils.stringify
local function raw(text) return pandoc.RawBlock(FORMAT_NAME, text) end
local function inline(text) return pandoc.RawInline(FORMAT_NAME, text) end
local function escape(text)
  return (text:gsub('[&<>"]', { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }))
end

-- Numbering -----------------------------------------------------------------

local section, count = {}, { fig = 0, tbl = 0 }

local function label(kind, number)
  return pandoc.Inlines { pandoc.Span(
    config[kind .. '-title'] .. '\u{a0}' .. number .. config['title-delim'],
    { class = 'etichetta' }), pandoc.Space() }
end

local function number_header(header)
  local level = header.level
  if config['number-sections'] and not header.classes:includes('unnumbered') then
    section[level] = (section[level] or 0) + 1
    for deeper = level + 1, 6 do section[deeper] = 0 end
    local number = table.concat(section, '.', 1, level)
    targets[header.identifier] = { kind = 'sec', number = number }
    if HTML then
      header.content:insert(1, pandoc.Span(number, { class = 'header-section-number' }))
      header.content:insert(2, pandoc.Space())
    end
  else
    targets[header.identifier] = { kind = 'sec', title = header.content:clone() }
  end
  if HTML then header.level = level + 1 end -- the title of the book is the one h1
  return header
end

local function number_float(kind, id)
  if not id:match('^' .. kind .. '%-') then return nil end
  count[kind] = count[kind] + 1
  targets[id] = { kind = kind, number = tostring(count[kind]) }
  return count[kind]
end

local function quoted(text) return '"' .. text:gsub('[\\"]', '\\%0'):gsub('\n', ' ') .. '"' end

-- Words that Typst would read as a list, a heading, a dash, a minus or an ellipsis, and
-- that pandoc leaves bare, above all in table cells.
local function typst_word(word)
  local text = word.text
  if text:find('^[-+=/]') or text:find('^%d+%.$') or text:find('%-[-?%d]') or text:find('%.%.%.') then
    return inline('#' .. quoted(text) .. ';')
  end
end

local function typst_image(image, open)
  local width = image.attributes.width
  return inline(open .. 'image(' .. quoted(image.src) .. ', alt: ' .. quoted(image.attributes.alt)
    .. (width and ', width: ' .. width or '') .. ')')
end

-- Before numbering: every image carries its alternative text as pandoc's `alt`.
local function alternative(image)
  image.attributes.alt = image.attributes['fig-alt'] or stringify(image.caption)
  image.attributes['fig-alt'] = nil
  if image.attributes.alt == '' then
    table.insert(problems, 'image ' .. image.src .. ' has no alternative text (fig-alt)')
  end
  if image.src:match('^%a+://') then
    table.insert(problems, 'image ' .. image.src .. ' is on the network: save it beside the book')
  end
  return image
end

local function number_figure(figure)
  local number = number_float('fig', figure.identifier)
  if number and HTML then
    figure.caption.long[1].content = label('fig', number) .. figure.caption.long[1].content
  end
  if HTML then return figure end
  local image = figure.content[1].content[1] -- pandoc's own Typst figures drop alternative texts
  local close = number and '], kind: image) <' .. figure.identifier .. '>'
    or '], kind: image, numbering: none, outlined: false)'
  return pandoc.Plain(pandoc.Inlines { typst_image(image, '#figure('), inline(', caption: [') }
    .. figure.caption.long[1].content .. { inline(close) })
end

-- Tables --------------------------------------------------------------------

local function is_total(row)
  local first = row.cells[1] and row.cells[1].contents[1]
  return first and first.content and first.content[1] and first.content[1].t == 'Strong'
end

local unnumbered = 0

local function html_table(tbl, id, caption)
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

local function typst_table(tbl, numbered)
  for _, body in ipairs(tbl.bodies) do
    for _, row in ipairs(body.body) do
      if is_total(row) then
        for _, cell in ipairs(row.cells) do cell.attributes['typst:fill'] = 'totale' end
      end
    end
  end
  local set = '#show figure: set block(breakable: ' .. tostring(not tbl.classes:includes('intera')) .. ')\n'
    .. '#set table.cell(breakable: ' .. tostring(not tbl.classes:includes('righe-intere')) .. ')'
  if not numbered then set = set .. '\n#set figure(numbering: none)' end
  local open = tbl.classes:includes('orizzontale') and '#page(flipped: true)[\n' or '#[\n'
  return { raw(open .. set), tbl, raw(']') }
end

local function number_table(tbl)
  local id = tbl.identifier
  local number = number_float('tbl', id)
  local text = tbl.caption.long[1] and tbl.caption.long[1].content
  if number and not text then table.insert(problems, 'table ' .. id .. ' has no caption') end
  if not HTML then return typst_table(tbl, number ~= nil), false end
  return html_table(tbl, id, number and label('tbl', number) .. (text or {})), false
end

-- Blocks of the dialect -----------------------------------------------------

local function conditional(element)
  local shown = element.classes:includes('content-visible')
  if not shown and not element.classes:includes('content-hidden') then return nil end
  local when, unless = element.attributes['when-format'], element.attributes['unless-format']
  local holds = (not when or when == FORMAT_NAME) and (not unless or unless ~= FORMAT_NAME)
  return shown == holds and element.content or {}
end

local function callout(div)
  local kind = div.classes[1] and div.classes[1]:match('^callout%-(%l+)$')
  if not CALLOUTS[kind] then return nil end
  local title = pandoc.read(div.attributes.title or CALLOUTS[kind]).blocks[1].content
  if HTML then
    return pandoc.Div({ pandoc.Div(pandoc.Plain(title), { class = 'callout-title' }) } .. div.content,
      { class = 'callout callout-' .. kind, role = 'note' })
  end
  return pandoc.Blocks { pandoc.Plain(pandoc.Inlines { inline('#callout("' .. kind .. '")[') } .. title .. { inline('][') }) }
    .. div.content .. { raw(']') }
end

local function division(div)
  local kind = div.classes[1] and div.classes[1]:match('^elenco%-(%l+)$')
  if kind and HTML then
    return { raw('<details class="elenco"><summary>Mostra l’elenco</summary>'), div, raw('</details>') }
  elseif kind then
    return raw('#elenco(' .. (kind == 'figure' and 'image' or 'table') .. ')')
  end
  if div.classes:includes('note-tabella') and not HTML then
    return pandoc.Blocks { raw('#note-tabella[') } .. div.content .. { raw(']') }
  end
  return conditional(div) or callout(div)
end

local function reference(cite)
  local text = pandoc.Inlines {}
  for i, citation in ipairs(cite.citations) do
    local kind, target = citation.id:match('^(%l+)%-'), targets[citation.id]
    if not (kind == 'fig' or kind == 'tbl' or kind == 'sec') then return cite.content end
    if not target then
      table.insert(problems, 'reference @' .. citation.id .. ' points at nothing')
      return nil
    end
    local name = target.title or pandoc.Inlines(target.number)
    if target.number and #citation.prefix > 0 then
      name = citation.prefix .. { pandoc.Str('\u{a0}') } .. name
    elseif target.number and citation.mode ~= 'SuppressAuthor' then
      name = pandoc.Inlines(config[kind .. '-prefix'] .. '\u{a0}') .. name
    end
    if i > 1 then text:extend { pandoc.Str(','), pandoc.Space() } end
    text:insert(pandoc.Link(name, '#' .. citation.id, '', { class = 'riferimento' }))
  end
  return text
end

function Pandoc(doc)
  for key, value in pairs(doc.meta.publish) do
    local text = stringify(value)
    config[key] = tonumber(text) or (text ~= 'false' and text)
  end
  local body = doc.blocks:walk { Div = division, Span = conditional, Image = alternative }
  body = body:walk { traverse = 'topdown', Header = number_header, Figure = number_figure, Table = number_table }
  body = body:walk { Cite = reference }
  if not HTML then
    body = body:walk { Str = typst_word, Image = function(image)
      return pandoc.Inlines { typst_image(image, '#box('), inline(')') }
    end }
  end
  if #problems > 0 then
    io.stderr:write('libro.md: ' .. table.concat(problems, '; ') .. '\n')
    os.exit(83)
  end
  return pandoc.Pandoc(body, doc.meta)
end
