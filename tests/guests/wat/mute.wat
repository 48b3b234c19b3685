;; A module that answers nothing worth having, and cleans up nothing.
{{realloc}}
{{empty}}
(func (export "post") (param i32))
