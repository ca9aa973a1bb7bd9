//! Accounts: who may sign in, in which role and where. System and security administrators see the
//! accounts of their region; everybody else their own.

use crate::{Page, Paged, Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{Department, DivisionCode, Role, Scope};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
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
        pub created_by: Option<String>,
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

/// A person to make an account for, who gets a role from somebody else.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPerson {
    /// Name typed to sign in; unique.
    pub sign_in: String,
    /// Name of the person or office.
    pub name: String,
    /// Root of the region it will see.
    pub division: DivisionCode,
    /// Hash of the initial password, in PHC form; it must be changed at the first sign-in.
    pub password_hash: String,
}

/// A role and what it needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Powers {
    /// What the account may do.
    pub role: Role,
    /// Department, for those who own facts.
    pub department: Option<Department>,
    /// Firm, for a firm's account.
    pub firm: Option<i64>,
}

/// An account. Changed one matter at a time ([`Tx::set_lock`], [`Tx::set_powers`] …), never as a whole:
/// a row that was read some time ago says nothing about the other columns.
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
    /// Who made it; nobody knows for accounts of the first release.
    pub created_by: Option<String>,
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
                created_by: Set(Some(self.scope.actor().to_owned())),
            };
            let taken = |e| StoreError::from(e).or_unique(format!("account {}", account.sign_in));
            made.push(Account::try_from(row.insert(&self.db).await.map_err(taken)?)?);
        }
        Ok(made)
    }

    /// Makes an account for a person: without powers and disabled, until somebody else gives it both.
    pub async fn insert_person(&mut self, new: &NewPerson) -> Result<Account> {
        require_keeper(&self.scope, new.division)?;
        let row = row::ActiveModel {
            id: NotSet,
            sign_in: Set(new.sign_in.clone()),
            name: Set(new.name.clone()),
            role: Set(Role::Public.name().to_owned()),
            division: Set(scoped::stored(new.division)),
            department: Set(None),
            firm: Set(None),
            password_hash: Set(new.password_hash.clone()),
            failed_count: Set(0),
            locked_until: Set(None),
            must_change: Set(true),
            disabled: Set(true),
            created_at: Set(self.now.clone()),
            created_by: Set(Some(self.scope.actor().to_owned())),
        };
        let taken = |e| StoreError::from(e).or_unique(format!("account {}", new.sign_in));
        Account::try_from(row.insert(&self.db).await.map_err(taken)?)
    }

    /// Counts a wrong password where the count stands, so that guesses at the same time all count; the
    /// one that reaches `limit` locks the account. Returns whether it did.
    pub async fn count_failure(&mut self, id: i64, limit: i64, locked_until: &str) -> Result<bool> {
        let stored = self.kept_account(id).await?;
        if stored.failed_count + 1 < limit {
            let one_more = Expr::col(row::Column::FailedCount).add(1);
            let update = row::Entity::update_many().col_expr(row::Column::FailedCount, one_more);
            update.filter(row::Column::Id.eq(id)).exec(&self.db).await?;
            return Ok(false);
        }
        self.set_lock(id, Some(locked_until)).await?;
        Ok(true)
    }

    /// Locks an account until a moment, or unlocks it and forgets the wrong passwords.
    pub async fn set_lock(&mut self, id: i64, until: Option<&str>) -> Result<()> {
        self.kept_account(id).await?;
        let lock = row::ActiveModel {
            failed_count: Set(0),
            locked_until: Set(until.map(str::to_owned)),
            ..Default::default()
        };
        self.change_account(id, lock).await
    }

    /// Lets an account sign in, or not.
    pub async fn set_disabled(&mut self, id: i64, disabled: bool) -> Result<()> {
        self.kept_account(id).await?;
        self.change_account(id, row::ActiveModel { disabled: Set(disabled), ..Default::default() }).await
    }

    /// Gives an account its role and what the role needs.
    pub async fn set_powers(&mut self, id: i64, powers: &Powers) -> Result<()> {
        self.kept_account(id).await?;
        check_shape(powers.role, powers.department, powers.firm)?;
        let change = row::ActiveModel {
            role: Set(powers.role.name().to_owned()),
            department: Set(powers.department.map(|d| d.name().to_owned())),
            firm: Set(powers.firm),
            ..Default::default()
        };
        self.change_account(id, change).await
    }

    /// Sets a password: one's own, or by those who keep accounts.
    pub async fn set_password(&mut self, id: i64, password_hash: &str, must_change: bool) -> Result<()> {
        self.read().get_account(id).await?;
        let change = row::ActiveModel {
            password_hash: Set(password_hash.to_owned()),
            must_change: Set(must_change),
            ..Default::default()
        };
        self.change_account(id, change).await
    }

    /// The account as it stands now, for those who keep accounts.
    async fn kept_account(&self, id: i64) -> Result<Account> {
        let stored = self.read().get_account(id).await?;
        require_keeper(&self.scope, stored.division)?;
        Ok(stored)
    }

    /// Writes the columns given and leaves the others as they are.
    async fn change_account(&self, id: i64, change: row::ActiveModel) -> Result<()> {
        row::Entity::update_many().set(change).filter(row::Column::Id.eq(id)).exec(&self.db).await?;
        Ok(())
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
            created_by: row.created_by,
        })
    }
}
