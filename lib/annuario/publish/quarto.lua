-- The book for Quarto: in place of what Quarto has read, the chapters beside it, each
-- read by itself and put through book.lua as the built-in publisher does, so that both
-- write the same book. Numbers are set here: Quarto goes on to the finished file at once.

local HTML = FORMAT:match('html') ~= nil
local FORMAT_NAME = HTML and 'html' or 'typst'
local WRITER = HTML and 'html5' or 'typst-smart'
local here = pandoc.path.directory(PANDOC_SCRIPT_FILE)
local stringify = pandoc.utils.stringify

local function raw(text) return pandoc.RawBlock(FORMAT_NAME, text) end

-- What book.lua makes of a chapter; it is loaded anew, because its labels are a chapter's.
local function dialect(chapter)
  local path = pandoc.path.join { here, 'book.lua' }
  local own = setmetatable({ PANDOC_SCRIPT_FILE = path }, { __index = _G })
  assert(loadfile(path, 't', own))()
  return own.Pandoc(chapter)
end

-- A chapter as it will be printed, with marks for numbers, and its labels.
local function convert(path, number, meta)
  local file <close> = assert(io.open(path, 'r'))
  local doc = dialect(pandoc.Pandoc(pandoc.read(file:read('a'), 'markdown').blocks, meta))
  local list = doc.blocks:remove().text:match('\u{e002}(.*)\u{e002}')
  local text = pandoc.write(pandoc.Pandoc(doc.blocks), WRITER, { wrap_text = 'none', section_divs = true })
  if HTML then -- notes stand at the end of their chapter
    for _, id in ipairs { 'fn%d+"', 'fnref%d+"', 'footnotes"' } do
      text = text:gsub('(["#])(' .. id .. ')', '%1capitolo-' .. number .. '-%2')
    end
  else -- rows that book.lua marks are kept with what follows; a table's foot are its last rows
    for _, row in ipairs { 'table%.cell%([^)\n]*fill: gruppo%)%[[^\n]*%]', '[^\n]*/%*primi%*/.-/%*fino%*/%]' } do
      text = text:gsub('(\n +)(' .. row .. '),%f[\n]', '%1table.header(level: 2, repeat: false, %2),')
    end
    text = text:gsub('\n +table%.hline%(%),(\n +table%.footer%()', '%1repeat: false, ')
  end
  return text, pandoc.json.decode(list, false)
end

-- The number of every numbered label: headings by chapter, figures and tables through the book.
local function numbers(labels)
  local found, section, count = {}, {}, { fig = 0, tbl = 0 }
  for _, label in ipairs(labels) do
    if label.kind ~= 'sec' then
      count[label.kind] = count[label.kind] + 1
      found[label.id] = tostring(count[label.kind])
    elseif label.numbered then
      for level = 1, label.level do section[level] = section[level] or 0 end
      for level = #section, label.level + 1, -1 do section[level] = nil end
      section[label.level] = section[label.level] + 1
      found[label.id] = table.concat(section, '.')
    end
  end
  return found
end

local function titles(labels)
  local found = {}
  for _, label in ipairs(labels) do found[label.id] = label.title or '' end
  return found
end

-- The labels that the text declares, which are laid beside it.
local function declared()
  local file = assert(io.open(pandoc.path.join { here, 'etichette.json' }, 'r'))
  local found = pandoc.json.decode(file:read('a'), false)
  file:close()
  return found
end

-- The table of contents of the page, as nested lists.
local function contents(labels, number, depth)
  local parts, level = {}, 0
  for _, label in ipairs(labels) do
    if label.kind == 'sec' and label.level <= depth then
      if label.level <= level then table.insert(parts, '</li>') end
      table.insert(parts, ('<ul>'):rep(label.level - level) .. ('</ul></li>'):rep(level - label.level))
      local mark = number[label.id]
      mark = mark and '<span class="header-section-number">' .. mark .. '</span> ' or ''
      local link = '<a href="#' .. label.id .. '" id="toc-' .. label.id .. '">'
      table.insert(parts, '<li>' .. link .. mark .. label.title .. '</a>')
      level = label.level
    end
  end
  return table.concat(parts, '\n') .. ('</li></ul>'):rep(level)
end

-- The heading that a chapter opens with.
local function opening(labels)
  for _, label in ipairs(labels) do
    if label.kind == 'sec' and label.level == 1 then return label end
  end
end

-- At the end of each chapter links to the one before and the one after.
local function neighbours(texts, opens)
  local places = {}
  for place in ipairs(texts) do
    if opens[place] then table.insert(places, place) end
  end
  for i, place in ipairs(places) do
    local links = {}
    for _, side in ipairs { { 'prev', places[i - 1] }, { 'next', places[i + 1] } } do
      local label = side[2] and opens[side[2]]
      if label then
        table.insert(links, '<a rel="' .. side[1] .. '" href="#' .. label.id .. '">' .. label.title .. '</a>')
      end
    end
    if #links > 0 then texts[place] = texts[place] .. '\n<p class="vicini">' .. table.concat(links, ' ') .. '</p>' end
  end
end

function Pandoc(doc)
  local folder = pandoc.path.join { here, 'capitoli' }
  local files = pandoc.List(pandoc.system.list_directory(folder))
  files:sort()
  local texts, opens, labels, broken = {}, {}, pandoc.List {}, {}
  for place, name in ipairs(files) do
    local text, own = convert(pandoc.path.join { folder, name }, place, doc.meta)
    table.insert(texts, text)
    opens[place] = opening(own)
    labels:extend(own)
  end
  if HTML then neighbours(texts, opens) end
  local number, title = numbers(labels), titles(labels)
  local function named(text)
    return (text:gsub('\u{e000}(.-)\u{e001}', function(mark)
      local id, name = mark:match('^([^|]+)|?(.*)$')
      if not title[id] then table.insert(broken, 'the reference @' .. id .. ' points at nothing') end
      if not number[id] then return title[id] end
      return name ~= '' and name .. '\u{a0}' .. number[id] or number[id]
    end))
  end
  for _, id in ipairs(declared()) do
    if not title[id] then table.insert(broken, 'the label ' .. id .. ' stands by no heading, figure or table') end
  end
  local options = doc.meta.publish
  local body, list = pandoc.Blocks {}, named(contents(labels, number, tonumber(stringify(options['toc-depth']))))
  for _, text in ipairs(texts) do body:insert(raw(named(text))) end
  if #broken > 0 then
    io.stderr:write('ERROR: ' .. table.concat(broken, '\nERROR: ') .. '\n')
    os.exit(83)
  end
  if HTML and stringify(options.toc) == 'true' then
    doc.meta.toc = true
    doc.meta['toc-title'] = options['toc-title']
    doc.meta['table-of-contents'] = pandoc.MetaBlocks { raw(list) }
  elseif not HTML and doc.meta.description then -- without the straight apostrophes of Quarto's writer
    local note = pandoc.write(pandoc.Pandoc(pandoc.Plain(doc.meta.description)), WRITER, { wrap_text = 'none' })
    doc.meta.description = pandoc.MetaInlines { pandoc.RawInline('typst', note) }
  end
  return pandoc.Pandoc(body, doc.meta)
end
