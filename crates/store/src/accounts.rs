//! Accounts: who may sign in, in which role and where. System and security administrators see the
//! accounts of their region; everybody else their own.

use crate::{Page, Paged, Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{Department, DivisionCode, Role, Scope};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub sign_in: String,
        pub name: String,
        pub role: String,
        pub division: i64,
        pub department: Option<String>,
        pub firm: Option<i64>,
        pub password_hash: String,
        pub failed_count: i64,
        pub locked_until: Option<String>,
        pub must_change: bool,
        pub disabled: bool,
        pub created_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An account to make.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAccount {
    /// Name typed to sign in; unique.
    pub sign_in: String,
    /// Name of the person or office.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Root of the region it sees.
    pub division: DivisionCode,
    /// Department, for those who own facts.
    pub department: Option<Department>,
    /// Firm, for a firm's account.
    pub firm: Option<i64>,
    /// Hash of the password, in PHC form.
    pub password_hash: String,
    /// The password must be changed at the next sign-in.
    pub must_change: bool,
}

/// An account. Change anything but `id`, `sign_in` and `created_at`, then hand it to
/// [`Tx::update_account`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    /// Identity.
    pub id: i64,
    /// Name typed to sign in.
    pub sign_in: String,
    /// Name of the person or office.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Root of the region it sees.
    pub division: DivisionCode,
    /// Department, for those who own facts.
    pub department: Option<Department>,
    /// Firm, for a firm's account.
    pub firm: Option<i64>,
    /// Hash of the password; never sent anywhere.
    #[serde(skip)]
    pub password_hash: String,
    /// Wrong passwords since the last right one.
    pub failed_count: i64,
    /// Locked until then.
    pub locked_until: Option<String>,
    /// The password must be changed at the next sign-in.
    pub must_change: bool,
    /// May not sign in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: String,
}

impl Account {
    /// Who asks, when this account does.
    pub fn scope(&self) -> Scope {
        Scope::of_account(self.sign_in.clone(), self.role, self.division, self.department, self.firm)
    }
}

/// Which accounts.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Part of the sign-in or the name.
    pub q: Option<String>,
    /// In this role.
    pub role: Option<Role>,
}

impl Tx {
    /// Makes an account; [`StoreError::Unique`] when the sign-in is taken.
    pub async fn insert_account(&mut self, new: &NewAccount) -> Result<Account> {
        let mut made = self.insert_accounts(std::slice::from_ref(new)).await?;
        made.pop().ok_or_else(|| StoreError::not_found("account", &new.sign_in))
    }

    /// Makes accounts.
    pub async fn insert_accounts(&mut self, new: &[NewAccount]) -> Result<Vec<Account>> {
        for account in new {
            require_keeper(&self.scope, account.division)?;
            check_shape(account.role, account.department, account.firm)?;
        }
        let mut made = Vec::with_capacity(new.len());
        for account in new {
            let row = row::ActiveModel {
                id: NotSet,
                sign_in: Set(account.sign_in.clone()),
                name: Set(account.name.clone()),
                role: Set(account.role.name().to_owned()),
                division: Set(scoped::stored(account.division)),
                department: Set(account.department.map(|d| d.name().to_owned())),
                firm: Set(account.firm),
                password_hash: Set(account.password_hash.clone()),
                failed_count: Set(0),
                locked_until: Set(None),
                must_change: Set(account.must_change),
                disabled: Set(false),
                created_at: Set(self.now.clone()),
            };
            let taken = |e| StoreError::from(e).or_unique(format!("account {}", account.sign_in));
            made.push(Account::try_from(row.insert(&self.db).await.map_err(taken)?)?);
        }
        Ok(made)
    }

    /// Keeps a changed account. Only those who keep accounts change role, region, department or firm;
    /// a person changes the own password and name.
    pub async fn update_account(&mut self, account: &Account) -> Result<Account> {
        let stored = self.read().get_account(account.id).await?;
        let moved = (stored.role, stored.division, stored.department, stored.firm, stored.disabled)
            != (account.role, account.division, account.department, account.firm, account.disabled);
        if moved {
            require_keeper(&self.scope, stored.division)?;
            require_keeper(&self.scope, account.division)?;
        }
        check_shape(account.role, account.department, account.firm)?;
        let change = row::ActiveModel {
            id: Set(account.id),
            name: Set(account.name.clone()),
            role: Set(account.role.name().to_owned()),
            division: Set(scoped::stored(account.division)),
            department: Set(account.department.map(|d| d.name().to_owned())),
            firm: Set(account.firm),
            password_hash: Set(account.password_hash.clone()),
            failed_count: Set(account.failed_count),
            locked_until: Set(account.locked_until.clone()),
            must_change: Set(account.must_change),
            disabled: Set(account.disabled),
            ..Default::default()
        };
        Account::try_from(change.update(&self.db).await?)
    }
}

impl Reader<'_> {
    /// The account with that id.
    pub async fn get_account(&self, id: i64) -> Result<Account> {
        let query = row::Entity::find_by_id(id).filter(self.account_scope());
        on!(self, |db| query.one(db).await)?
            .map_or_else(|| Err(StoreError::not_found("account", id)), Account::try_from)
    }

    /// The account that signs in by that name.
    pub async fn find_account(&self, sign_in: &str) -> Result<Option<Account>> {
        let query = row::Entity::find().filter(self.account_scope()).filter(row::Column::SignIn.eq(sign_in));
        on!(self, |db| query.one(db).await)?.map(Account::try_from).transpose()
    }

    /// Accounts by sign-in.
    pub async fn list_accounts(&self, filter: &AccountFilter, page: Page) -> Result<Paged<Account>> {
        let mut all = self.account_scope();
        if let Some(q) = filter.q.as_deref().filter(|q| !q.is_empty()) {
            all = all.add(Condition::any().add(row::Column::SignIn.contains(q)).add(row::Column::Name.contains(q)));
        }
        if let Some(role) = filter.role {
            all = all.add(row::Column::Role.eq(role.name()));
        }
        let query = row::Entity::find().filter(all);
        let total = on!(self, |db| query.clone().count(db).await)?;
        let query = query.order_by_asc(row::Column::SignIn).offset(page.offset).limit(page.limit);
        let rows = on!(self, |db| query.all(db).await)?;
        Ok(Paged { rows: rows.into_iter().map(Account::try_from).collect::<Result<_>>()?, total })
    }

    pub(crate) fn account_scope(&self) -> Condition {
        if keeps_accounts(self.scope) {
            scoped::region(self.scope, row::Column::Division)
        } else if self.scope.role() == Role::Public {
            scoped::nothing()
        } else {
            Condition::all().add(row::Column::SignIn.eq(self.scope.actor()))
        }
    }
}

fn keeps_accounts(scope: &Scope) -> bool {
    scope.is_system() || matches!(scope.role(), Role::SystemAdmin | Role::SecurityAdmin)
}

fn require_keeper(scope: &Scope, division: DivisionCode) -> Result<()> {
    if keeps_accounts(scope) && scope.region().covers(division) {
        Ok(())
    } else {
        Err(StoreError::OutOfScope {
            actor: scope.actor().to_owned(),
            what: format!("accounts of division {division}"),
        })
    }
}

/// A firm's account names its firm, a department's its department, and no other account names a firm.
fn check_shape(role: Role, department: Option<Department>, firm: Option<i64>) -> Result<()> {
    let wrong = |what, found: &str, allowed: &str| {
        Err(StoreError::Invalid { what, found: found.to_owned(), allowed: allowed.to_owned() })
    };
    match role {
        Role::Public => wrong("role", "public", "any role but public"),
        Role::Firm if firm.is_none() => wrong("firm", "none", "the id of the account's firm"),
        Role::DepartmentOwner if department.is_none() => {
            wrong("department", "none", "the department that owns the facts")
        }
        role if role != Role::Firm && firm.is_some() => wrong("firm", "a firm", "none for this role"),
        _ => Ok(()),
    }
}

impl TryFrom<row::Model> for Account {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        let role = Role::from_name(&row.role)
            .ok_or_else(|| StoreError::damaged("account", row.id, format!("role `{}`", row.role)))?;
        Ok(Self {
            division: scoped::division("account", row.id, row.division)?,
            department: scoped::department_opt("account", row.id, row.department.as_deref())?,
            role,
            id: row.id,
            sign_in: row.sign_in,
            name: row.name,
            firm: row.firm,
            password_hash: row.password_hash,
            failed_count: row.failed_count,
            locked_until: row.locked_until,
            must_change: row.must_change,
            disabled: row.disabled,
            created_at: row.created_at,
        })
    }
}
