//! The `[accounts]` tables, or the one account of the environment.

use std::collections::HashMap;
use std::ops::Range;

use secrecy::{ExposeSecret, SecretString};

use super::checked::{Checking, Spot};
use super::raw::RawAccount;
use super::source::RawFile;
use super::values::Table;
use crate::protocol::sid::AccountSid;
use crate::protocol::signature::{AccountKeys, SigningKey};

impl Checking<'_> {
    /// All accounts of all files, or that of the environment where no file has one.
    pub(super) fn accounts(&mut self, files: &[RawFile]) -> Vec<AccountKeys> {
        let tables: Vec<_> = files
            .iter()
            .flat_map(|file| file.raw.accounts.iter().map(move |entry| (file, entry)))
            .collect();
        if tables.is_empty() {
            return self.account_of_the_environment(files).into_iter().collect();
        }
        let mut seen: HashMap<AccountSid, Spot> = HashMap::new();
        let mut tokens: HashMap<String, AccountSid> = HashMap::new();
        let mut accounts = Vec::new();
        for (file, (name, raw)) in tables {
            let at = Spot::new(
                &file.source,
                name.span(),
                format!("accounts.{}", name.get_ref()),
            );
            let help = "name the table after the account, as in [accounts.AC…]";
            let Some(sid) = self.parsed::<AccountSid>(&at, name.get_ref(), help) else {
                continue;
            };
            if let Some(first) = seen.get(&sid) {
                let problem = format!("the account is defined in {} already", first.line());
                self.clash(&at, problem, "keep one of the two tables", first);
                continue;
            }
            let table = Table {
                source: &file.source,
                name: &at.key,
            };
            accounts.push(self.account(table, name.span(), sid, raw.get_ref(), &mut tokens));
            seen.insert(sid, at);
        }
        accounts
    }

    fn account(
        &mut self,
        table: Table<'_>,
        place: Range<usize>,
        account: AccountSid,
        raw: &RawAccount,
        used: &mut HashMap<String, AccountSid>,
    ) -> AccountKeys {
        if raw.auth_tokens.is_empty() {
            let at = Spot::new(table.source, place, format!("{}.auth_tokens", table.name));
            let help = "write auth_tokens = [{ env = \"AUTH_TOKEN\" }]";
            self.fail(&at, "expected at least one token", help);
        }
        let mut tokens = Vec::new();
        for secret in &raw.auth_tokens {
            let at = table.at("auth_tokens", secret);
            if let Some(token) = self.secret(&at, secret.get_ref()) {
                self.token_of_one_account(&at, account, &token, used);
                tokens.push(SigningKey::new(&token));
            }
        }
        let shared_keys = raw
            .shared_keys
            .iter()
            .filter_map(|(id, secret)| {
                let at = table.at(&format!("shared_keys.{}", id.get_ref()), secret);
                let secret = self.secret(&at, secret.get_ref())?;
                Some((id.get_ref().clone(), SigningKey::new(&secret)))
            })
            .collect();
        AccountKeys {
            account,
            tokens,
            shared_keys,
        }
    }

    /// A token that two accounts share would let each speak for the other.
    fn token_of_one_account(
        &mut self,
        at: &Spot,
        account: AccountSid,
        token: &SecretString,
        used: &mut HashMap<String, AccountSid>,
    ) {
        let owner = used
            .entry(token.expose_secret().to_owned())
            .or_insert(account);
        if *owner != account {
            let problem = format!("this is also a token of `{owner}`");
            let help = "give each account its own token: it is what tells them apart";
            self.fail(at, problem, help);
        }
    }

    fn account_of_the_environment(&mut self, files: &[RawFile]) -> Option<AccountKeys> {
        let file = files.first()?;
        let at = Spot::new(&file.source, 0..0, "accounts");
        let help = "set ACCOUNT_SID and AUTH_TOKEN in the environment or in a `.env` file beside \
                    this one, or add an [accounts.AC…] table";
        let environment = self.environment;
        let Some(sid) = environment.get("ACCOUNT_SID") else {
            self.fail(&at, "there is no account", help);
            return None;
        };
        let Ok(account) = sid.parse::<AccountSid>() else {
            let problem = "the environment's ACCOUNT_SID is not `AC` and 32 hexadecimal digits";
            self.fail(&at, problem, help);
            return None;
        };
        let Some(token) = environment.get("AUTH_TOKEN") else {
            self.fail(
                &at,
                "the environment has an ACCOUNT_SID and no AUTH_TOKEN",
                help,
            );
            return None;
        };
        let secondary = environment.get("AUTH_TOKEN_SECONDARY");
        let tokens = std::iter::once(token).chain(secondary);
        Some(AccountKeys {
            account,
            tokens: tokens
                .map(|token| SigningKey::new(&SecretString::from(token)))
                .collect(),
            shared_keys: Vec::new(),
        })
    }
}
