-- For pages that Quarto makes of single notebooks: only of executed ones. Quarto runs no
-- notebook by itself, and would print the expressions of a source as they are written.

local function refuse(why)
  io.stderr:write('ERROR: ' .. quarto.doc.input_file .. ': ' .. why .. ': build the book with «annuario build», '
    .. 'then render the notebook of this name in output/<edition>/notebooks.\n')
  os.exit(1)
end

function Pandoc(doc)
  if quarto.doc.input_file:match('[/\\]notebooks[/\\][^/\\]+[/\\][^/\\]+$') then
    refuse('the source of a chapter is not executed')
  end
  doc:walk { Code = function(code)
    if code.text:match('^{python}') then refuse('the expression «' .. code.text .. '» is not evaluated') end
  end }
end
