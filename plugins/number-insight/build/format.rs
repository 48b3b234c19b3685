//! Formats, reduced from regular expressions to the widths of groups of digits.

/// How many digits each group takes: at least, at most.
pub(crate) struct Grouping {
    pub(crate) groups: Vec<(u8, u8)>,
}

impl Grouping {
    /// Reads a pattern as in `^(?:(\d{2})(\d{3,5}))$`; the metadata has no other.
    pub(crate) fn parse(pattern: &str) -> Result<Self, String> {
        let other = || format!("the format `{pattern}` is not a sequence of groups of digits");
        let body = pattern
            .strip_prefix("^(?:(")
            .and_then(|rest| rest.strip_suffix("))$"));
        let groups = body.ok_or_else(other)?.split(")(");
        let groups = groups.map(width).collect::<Option<_>>().ok_or_else(other)?;
        Ok(Self { groups })
    }

    /// Whether so many digits can be grouped.
    pub(crate) fn fits(&self, digits: usize) -> bool {
        let least: usize = self
            .groups
            .iter()
            .map(|(least, _)| usize::from(*least))
            .sum();
        let most: usize = self.groups.iter().map(|(_, most)| usize::from(*most)).sum();
        (least..=most).contains(&digits)
    }
}

/// `\d`, `\d{3}` or `\d{3,5}`.
fn width(group: &str) -> Option<(u8, u8)> {
    let count = group.strip_prefix("\\d")?;
    if count.is_empty() {
        return Some((1, 1));
    }
    let count = count.strip_prefix('{')?.strip_suffix('}')?;
    let (least, most) = count.split_once(',').unwrap_or((count, count));
    Some((least.parse().ok()?, most.parse().ok()?))
}

/// The template within the country: the rule, where there is one, stands for the
/// first group, and its `$1` for that group's digits.
pub(crate) fn with_prefix(template: &str, rule: &str) -> Result<String, String> {
    if rule.is_empty() {
        return Ok(template.into());
    }
    let group = template.find('$').and_then(|at| template.get(at..at + 2));
    let group = group.ok_or_else(|| format!("the template `{template}` has no group"))?;
    Ok(template.replacen(group, &rule.replace("$1", group), 1))
}

/// The template as RFC 3966 has it: hyphens for whatever separates the digits, and
/// nothing before them.
pub(crate) fn rfc3966(template: &str) -> Result<String, String> {
    let mut written = String::new();
    for character in template.chars() {
        match character {
            '$' | '0'..='9' => written.push(character),
            ' ' | '-' | '.' | '(' | ')' | '/' | '~' => {
                if !written.is_empty() && !written.ends_with('-') {
                    written.push('-');
                }
            }
            _ => {
                return Err(format!(
                    "the template `{template}` has an unknown separator"
                ));
            }
        }
    }
    Ok(written)
}
