//! Demands of statements, with and without a schema.

use super::*;

/// Tables whose columns begin with their letter and `_`.
struct ByLetter;

impl Schema for ByLetter {
    fn has_column(&self, table: &str, column: &str) -> Option<bool> {
        let letter = table.chars().next()?;
        Some(column.strip_prefix(letter).is_some_and(|rest| rest.starts_with('_')))
    }
}

/// A demand in short: uses with filters, joins, keys.
fn shown(sql: &str, schema: &dyn Schema) -> String {
    let Some(demand) = read(sql, Dialect::Postgres, schema) else { return "-".to_owned() };
    let mut out = Vec::new();
    for used in &demand.uses {
        let mut text = used.alias.clone().unwrap_or_else(|| used.table.clone());
        for filter in &used.filters {
            let column = match &filter.within {
                Within::Bare => filter.column.clone(),
                Within::Expression(text) => text.clone(),
                Within::Other => format!("~{}", filter.column),
            };
            text += &format!(" {column}:{:?}", filter.test);
        }
        if used.reads_all {
            text += " *";
        }
        if used.is_optional {
            text += " (optional)";
        }
        let block = &demand.blocks[used.block];
        if block.role != Role::Rows {
            text += &format!(" {:?}{}", block.role, if block.is_correlated { "^" } else { "" });
        }
        out.push(text);
    }
    let name = |one: &UsedColumn| format!("{}.{}", one.at, one.column);
    out.extend(demand.joins.iter().map(|(left, right)| format!("{}={}", name(left), name(right))));
    for block in &demand.blocks {
        let keys: Vec<_> = block.group_by.iter().map(&name).collect();
        if !keys.is_empty() {
            out.push(format!("by {}", keys.join(",")));
        }
        let keys: Vec<_> = block
            .order_by
            .iter()
            .map(|(column, falls)| format!("{}{}", name(column), if *falls { " desc" } else { "" }))
            .collect();
        if !keys.is_empty() {
            let limit = if block.has_limit { " limit" } else { "" };
            out.push(format!("order {}{limit}", keys.join(",")));
        }
    }
    out.join("; ")
}

#[test]
fn statements_ask_what_their_conditions_say() {
    let cases = [
        (
            "select * from o where o_a = ? and o_b > ? order by o_c desc, o_d limit ?",
            "o o_a:Equal o_b:Range *; order 0.o_c desc,0.o_d limit",
        ),
        (
            "select o_a from o where o_b >= ? and o_b < ? + ? and o_c in (?, ?) and o_d is null and not o_e",
            "o o_b:Between o_c:In o_d:IsNull o_e:IsFalse",
        ),
        ("select o_a from o, p where p_k = o_k and p_x = ?", "o; p p_x:Equal; 1.p_k=0.o_k"),
        (
            "select 1 from o left join p on o_k = p_k and p_x = ? and o_y = ?",
            "o; p p_x:Equal (optional); 0.o_k=1.p_k",
        ),
        (
            "select o_a from o where lower(o_b) = ? and o_c::text = ? and substring(o_d, ?) = ?",
            "o lower(o_b):Equal ~o_c:Equal ~o_d:Equal",
        ),
        // What a subquery refers to outside itself is of the outer table.
        (
            "select sum(l_x) from l, p where p_k = l_p and p_b = ? and l_q < (select avg(l_q) from l where l_p = p_k)",
            "l l_q:Other; p p_b:Equal; l Value^; 1.p_k=0.l_p; 2.l_p=1.p_k",
        ),
        (
            "select 1 from s where s_k in (select q_s from q where q_p in (select p_k from p where p_n like ?))",
            "s; q Semi; p p_n:Pattern Semi; 1.q_p=2.p_k; 0.s_k=1.q_s",
        ),
        (
            "select 1 from o where exists (select * from l where l_o = o_k and l_a < l_b)",
            "o; l l_a:Other l_b:Other Semi^; 1.l_o=0.o_k",
        ),
        (
            "select 1 from o where not exists (select 1 from l where l_o = o_k)",
            "o; l Anti^; 1.l_o=0.o_k",
        ),
        // All arms of an OR.
        (
            "select 1 from l, p where (p_k = l_p and p_b = ? and l_q < ?) or (p_k = l_p and p_b = ? and l_m in (?))",
            "l; p p_b:In; 1.p_k=0.l_p",
        ),
        ("select 1 from o where o_a = ? or o_b = ?", "o"),
        // Derived tables and CTEs are blocks of their own.
        (
            "with r as (select l_s, sum(l_x) as t from l where l_d > ? group by l_s) select s_n from s, r where s_k = l_s",
            "l l_d:Range; s s_k:Other; by 0.l_s",
        ),
        ("select x.n from (select count(*) as n, o_c from o group by 2) x where x.n > ?", "o"),
        ("update o set o_a = ? where o_k = ?", "o o_k:Equal *"),
        ("delete from o using p where o_k = p_k and p_x = any(?)", "o *; p p_x:In; 0.o_k=1.p_k"),
        (
            "select o_a from o where o_t @> ? and ? = any(o_g) and o_v @@ to_tsquery(?)",
            "o o_t:Contains o_g:Contains o_v:Words",
        ),
        (
            "select o_a, o_b from o where o_f = true and o_a = (select max(p_a) from p)",
            "o o_f:IsTrue o_a:Equal; p Value",
        ),
        ("create table t (a int)", "-"),
    ];
    for (sql, expected) in cases {
        assert_eq!(shown(sql, &ByLetter), expected, "{sql}");
    }
}

#[test]
fn without_a_schema_a_column_of_two_tables_is_nobodys() {
    let cases = [
        ("select 1 from o, p where k = ? and o.a = p.b", "o; p; 0.a=1.b"),
        ("select 1 from o where k = ?", "o k:Equal"),
        ("select 1 from a x join a y on x.i = y.j and y.k = ?", "x; y k:Equal; 0.i=1.j"),
        ("select 1 from a join b using (i)", "a; b; 0.i=1.i"),
    ];
    for (sql, expected) in cases {
        assert_eq!(shown(sql, &NoSchema), expected, "{sql}");
    }
}

#[test]
fn hostile_text_is_refused_or_read_never_more() {
    let deep = format!("select 1 from t where {}a = ?{}", "(".repeat(400), ")".repeat(400));
    let wide = format!("select 1 from t where a = ?{}", " and b = ?".repeat(1500));
    let subqueries = format!(
        "select 1 from t where {}a = ?{}",
        "a = (select a from t where ".repeat(20),
        ")".repeat(20)
    );
    for text in [&*deep, &*wide, &*subqueries, "select", "", "select * from"] {
        let _ = read(text, Dialect::Postgres, &NoSchema);
    }
}
