-- Sizes of tables. On paper: columns, type, a page turned sideways for the widest, and
-- whether a table may break. On screen the browser decides, helped by three classes.

local SIZES = { 9, 8.5, 8, 7.5, 7 } -- type, points
local SHORT = 190                   -- height below which a table is kept whole, points
local TOGETHER = 130                -- height up to which the first or last rows of a table stay together, points

local page = {} -- widths of the text on an upright page and on one turned sideways, points
local stringify = pandoc.utils.stringify

-- Width of a letter in ems of the book's face, near enough to share out columns.
local LETTERS = setmetatable({}, { __index = function(letters, code)
  local c = code < 128 and string.char(code) or '?'
  letters[code] = c:match("[ijl.,:;'|!()/ ]") and 0.27 or c:match('[mwMW@%%]') and 0.82
    or c:match('%u') and 0.6 or 0.51
  return letters[code]
end })

local function ems(text)
  local width = 0
  for _, code in utf8.codes(text) do width = width + LETTERS[code] end
  return width
end

-- Tables are looked at in a copy: what was looked at in a table itself goes back to pandoc
-- cell by cell, which takes as long as all the rest.

-- A heading within a table, bold and alone in its row, takes the whole row.
local function spread(tbl)
  local columns = #tbl.colspecs
  for b, body in ipairs(tbl:clone().bodies) do
    for r, row in ipairs(body.body) do
      local first = row.cells[1] and row.cells[1].contents[1]
      local bold = first and first.content and #first.content == 1 and first.content[1].t == 'Strong'
      local alone = columns > 1 and #row.cells == columns
      for i = 2, #row.cells do alone = alone and #row.cells[i].contents == 0 end
      if bold and alone then
        local heading = tbl.bodies[b].body[r]
        heading.cells[1].col_span = columns
        heading.cells = { heading.cells[1] }
      end
    end
  end
  return tbl
end

-- For each column, in ems and with the cell's padding: its widest word, its widest cell
-- and what it takes to set everything on one line (headings may wrap, cells rather not);
-- and of each row of the body the widths of its cells.
local function measure(tbl)
  local narrow, wide, full, lines = {}, {}, {}, {}
  for i in ipairs(tbl.colspecs) do narrow[i], wide[i], full[i] = 2, 2, 2 end
  local function rows(list, weight)
    for _, row in ipairs(list) do
      local cells, line = row.cells, {}
      local spans = #cells == 1 and #tbl.colspecs > 1
      for i, cell in ipairs(spans and {} or cells) do
        local width, words = 0, 0
        local blocks = cell.contents
        for word in stringify(#blocks == 1 and blocks[1] or blocks):gmatch('[^ \n]+') do
          local own = ems(word) * 1.07
          narrow[i] = math.max(narrow[i], math.min(own, 14) + 1)
          width, words = width + own, words + 1
        end
        width = width + math.max(words - 1, 0) * 0.29
        line[i] = width
        wide[i] = math.max(wide[i], width * weight + 1, narrow[i])
        full[i] = math.max(full[i], width + 1)
      end
      if weight == 1 then table.insert(lines, line) end
    end
  end
  rows(tbl.head.rows, 0.5)
  for _, body in ipairs(tbl.bodies) do rows(body.body, 1) end
  return narrow, wide, full, lines
end

local function sum(list)
  local total = 0
  for _, value in ipairs(list) do total = total + value end
  return total
end

-- The size of type and the page for a table: the largest that leaves columns of text
-- some comfort (ems), upright if it can be, else on a page turned sideways.
local function choose(narrow, wide)
  local function largest(width, comfort)
    for _, size in ipairs(SIZES) do
      local need = 0
      for i in ipairs(narrow) do need = need + math.max(narrow[i], math.min(wide[i], comfort)) end
      if need * size <= width then return size end
    end
  end
  local upright = largest(page.upright, 12) or largest(page.upright, 8)
  if upright then return upright, page.upright end
  return largest(page.sideways, 14) or largest(page.sideways, 8) or SIZES[#SIZES], page.sideways
end

-- Share a line of `total` ems among columns as browsers do: each gets its widest word,
-- and what is left goes in proportion to what its longest cell still wants.
local function share(narrow, wide, total)
  local least, most, widths = sum(narrow), sum(wide), {}
  for i in ipairs(narrow) do
    widths[i] = most <= total and wide[i] * total / most
      or narrow[i] + (wide[i] - narrow[i]) * (total - least) / math.max(most - least, 0.01)
  end
  return widths
end

-- Heights of the whole table and of its tallest row, and of each row, points.
local function heights(rows, widths, size)
  local whole, tallest, each = 0, 0, {}
  for _, row in ipairs(rows) do
    local lines = 1
    for i, width in ipairs(row) do
      lines = math.max(lines, math.ceil(width * 1.03 / math.max(widths[i] - 1, 1)))
    end
    local height = (lines * 1.25 + 0.85) * size
    whole, tallest = whole + height, math.max(tallest, height)
    table.insert(each, height)
  end
  return whole, tallest, each
end

-- How many rows, three at most, from the first or the last one on are low enough to stay together.
local function together(each, from, step)
  local count, height = 0, 0
  while count < 3 and each[from + count * step] do
    height = height + each[from + count * step]
    if height > TOGETHER then break end
    count = count + 1
  end
  return count
end

local function paper(tbl)
  local narrow, wide, full, rows = measure(tbl:clone())
  local size, width = choose(narrow, wide)
  local roomy = sum(full) <= width / size
  local widths = roomy and full or share(narrow, wide, width / size)
  for i, spec in ipairs(tbl.colspecs) do
    tbl.colspecs[i] = { spec[1], not roomy and widths[i] * size / width or nil }
  end
  local whole, tallest, each = heights(rows, widths, size)
  tbl.attributes['typst:text:size'] = size .. 'pt'
  if width == page.sideways then tbl.classes:insert('orizzontale') end
  if whole < SHORT then
    tbl.classes:insert('intera')
  elseif FORMAT:match('typst') then
    tbl.attributes.primi, tbl.attributes.ultimi = together(each, 1, 1), together(each, #each, -1)
  end
  if tallest < SHORT then tbl.classes:insert('righe-intere') end
  return tbl
end

local function screen(tbl)
  local _, wide = measure(tbl:clone())
  for i, spec in ipairs(tbl.colspecs) do
    tbl.colspecs[i] = { spec[1], nil }
    local head = tbl.head.rows[1] and tbl.head.rows[1].cells[i]
    if head and wide[i] > 7 then head.classes:insert(i > 1 and wide[i] > 60 and 'lunga' or wide[i] > 14 and 'larga' or 'media') end
  end
  return tbl
end

-- For book.lua: give a table its size. `widths` are the widths of the text on paper.
return function(tbl, widths)
  page = widths
  return (FORMAT:match('html') and screen or paper)(spread(tbl))
end
